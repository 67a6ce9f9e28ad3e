/** Elements that show and hold: button, card, alert, instructions, modal, tabs, toast, badge. */
import { CrowdElement, make } from './base.js'

export class CrowdButton extends CrowdElement {
  static observedAttributes = ['disabled', 'loading']

  /** @param {ShadowRoot} root */
  draw(root) {
    const href = this.getAttribute('href')
    const kind = this.localName === 'crowd-button' ? (this.getAttribute('variant') ?? 'normal') : 'icon'
    const text = this.getAttribute('label') ?? this.getAttribute('icon') ?? ''
    const inside = kind === 'icon' && !this.textContent?.trim() ? [text, make('slot')] : [make('slot')]
    this.control = href
      ? make('a', { href, target: this.getAttribute('target'), class: kind }, ...inside)
      : make('button', { type: 'button', class: kind, title: this.getAttribute('title') }, ...inside)
    root.append(this.control)
    this.attributeChangedCallback()
    this.addEventListener('click', (event) => this.disabled && event.stopImmediatePropagation(), { capture: true })
  }

  attributeChangedCallback() {
    if (this.control) this.control.disabled = this.disabled || this.flag('loading')
  }
}

export class CrowdFab extends CrowdButton {}
export class CrowdIconButton extends CrowdButton {}

export class CrowdCard extends CrowdElement {
  /** @param {ShadowRoot} root */
  draw(root) {
    const [heading, image] = [this.getAttribute('heading'), this.getAttribute('image')]
    const card = make('div', { class: 'card' })
    if (heading) card.append(make('h3', {}, heading))
    if (image) card.append(make('img', { src: image, alt: heading ?? '' }))
    card.append(make('slot'))
    root.append(card)
  }
}

export class CrowdAlert extends CrowdElement {
  /** @param {ShadowRoot} root */
  draw(root) {
    const type = this.getAttribute('type') ?? 'info'
    const alert = make('div', { class: `alert ${type}`, role: type === 'error' ? 'alert' : 'status' }, make('slot'))
    if (this.flag('dismissible'))
      alert.append(make('button', { type: 'button', 'aria-label': 'Dismiss', onclick: () => this.remove() }, '×'))
    root.append(alert)
  }
}

/** What opens a dialog: a link or a button. */
class Opened extends CrowdElement {
  static text = ''
  static regions = ['']

  /** @param {ShadowRoot} root */
  draw(root) {
    const { text, regions } = /** @type {typeof Opened} */ (this.constructor)
    const said = this.getAttribute('link-text') ?? text
    const dialog = make('dialog', { class: 'awsui-modal-dialog', 'aria-label': said })
    dialog.append(...regions.map((name) => make('slot', name ? { name } : {})))
    dialog.append(make('button', { type: 'button', onclick: () => dialog.close() }, 'Close'))
    const kind = this.getAttribute('link-type') === 'button' ? 'normal' : 'link'
    root.append(make('button', { type: 'button', class: kind, onclick: () => dialog.showModal() }, said), dialog)
  }

  open() {
    this.shadowRoot?.querySelector('dialog')?.showModal()
  }
}

export class CrowdModal extends Opened {
  static text = 'Click to open modal'
}

export class CrowdInstructions extends Opened {
  static text = 'Click for instructions'
  static regions = [
    'short-instructions',
    'detailed-instructions',
    'full-instructions',
    'positive-example',
    'negative-example',
    '',
  ]
}

export class CrowdTab extends CrowdElement {}

export class CrowdTabs extends CrowdElement {
  /** @param {ShadowRoot} root */
  draw(root) {
    const tabs = /** @type {HTMLElement[]} */ ([...this.querySelectorAll(':scope > crowd-tab')])
    const list = make('div', { role: 'tablist', class: 'tabs' })
    const show = (/** @type {number} */ at) => {
      for (const [index, tab] of tabs.entries()) {
        tab.hidden = index !== at
        list.children[index].setAttribute('aria-selected', String(index === at))
        list.children[index].tabIndex = index === at ? 0 : -1
      }
    }
    for (const [at, tab] of tabs.entries()) {
      tab.setAttribute('role', 'tabpanel')
      tab.setAttribute('aria-label', tab.getAttribute('header') ?? `Tab ${at + 1}`)
      list.append(
        make(
          'button',
          { type: 'button', role: 'tab', onclick: () => show(at) },
          tab.getAttribute('header') ?? `Tab ${at + 1}`,
        ),
      )
    }
    list.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
      if (!step) return
      const at = [...list.children].findIndex((each) => each.tabIndex === 0)
      const to = (at + step + tabs.length) % tabs.length
      show(to)
      list.children[to].focus()
      event.preventDefault()
    })
    root.append(list, make('slot'))
    if (tabs.length) show(0)
  }
}

export class CrowdToast extends CrowdElement {
  /** @param {ShadowRoot} root */
  draw(root) {
    root.append(
      make('div', { class: 'alert info toast', role: 'status' }, this.getAttribute('text') ?? '', make('slot')),
    )
    setTimeout(() => this.remove(), Number(this.getAttribute('duration') ?? 3000))
  }
}

export class CrowdBadge extends CrowdElement {
  /** @param {ShadowRoot} root */
  draw(root) {
    root.append(make('span', { class: 'badge' }, this.getAttribute('label') ?? this.getAttribute('icon') ?? ''))
  }
}

export class CrowdSliderLabel extends CrowdElement {}
