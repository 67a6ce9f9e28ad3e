/** What all tools look like: instructions at the side, a header, the thing itself, and what may be said of it. */
import { CrowdElement, make } from './base.js'

export class Annotation extends CrowdElement {
  /**
   * Draw the tool around `target`; the names of classes are those that templates look for.
   * @param {ShadowRoot} root
   * @param {...Node} target
   */
  frame(root, ...target) {
    this.picker = make('div', { class: 'category-picker-wrapper' })
    this.area = make('div', { class: 'annotation-area' }, ...target, this.picker)
    const header = this.getAttribute('header')
    if (header) this.area.prepend(make('h2', {}, header))
    root.append(make('div', { class: 'annotation' }, this.#instructions(), this.area))
  }

  #instructions() {
    const full = this.querySelector(':scope > full-instructions')
    const dialog = make('dialog', {
      class: 'awsui-modal-dialog',
      'aria-label': full?.getAttribute('header') ?? 'Instructions',
    })
    dialog.append(
      make('h2', {}, full?.getAttribute('header') ?? 'Instructions'),
      make('slot', { name: 'full-instructions' }),
      make('button', { type: 'button', onclick: () => dialog.close() }, 'Close'),
    )
    const short = make('slot', { name: 'short-instructions' })
    const side = make('aside', { class: 'awsui-app-layout__navigation', 'aria-label': 'Instructions' }, short, dialog)
    if (full)
      short.after(make('button', { type: 'button', onclick: () => dialog.showModal() }, 'View full instructions'))
    if (!full && !this.querySelector(':scope > short-instructions')) side.classList.add('empty')
    return side
  }

  /** Whether a key is for this tool: the focus is in it, or nowhere and it is the first. */
  get listening() {
    const at = document.activeElement
    if (at && at !== document.body) return at === this || this.contains(at)
    return document.querySelector('[data-tool]') === this
  }

  /** @param {(event: KeyboardEvent) => boolean} pressed says whether the key was of use */
  listen(pressed) {
    this.dataset.tool = ''
    document.addEventListener('keydown', (event) => {
      const [at] = event.composedPath()
      const field = at instanceof Element && at.matches('input:not([type=radio], [type=checkbox]), textarea, select')
      if (!this.isConnected || field || !this.listening || event.defaultPrevented) return
      if (at instanceof Element && at.matches('button') && [' ', 'Enter'].includes(event.key)) return
      if (pressed(event)) event.preventDefault()
    })
  }
}
