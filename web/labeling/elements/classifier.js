/** crowd-classifier, -image-classifier, and both for several classes. */
import { Annotation } from './annotation.js'
import { make, parsed } from './base.js'
import { digit } from './keys.js'
import { picture } from './picture.js'

class Classifier extends Annotation {
  static observedAttributes = ['categories']
  several = false
  /** @type {Set<string>} */
  chosen = new Set()
  /** @type {string[]} */
  #categories = []

  /** @param {ShadowRoot} root */
  draw(root) {
    this.several = this.localName.endsWith('-multi-select')
    const image = this.localName.includes('image')
    const target = image ? [picture(this)] : [make('slot', { name: 'classification-target' }), make('slot')]
    this.frame(root, ...target)
    this.comment = this.#workerComment()
    this.excluded = this.several ? parsed(this, 'exclusion-category')?.text : undefined
    this.categories = parsed(this, 'categories', [])
    this.listen((event) => {
      const at = digit(event)
      const box = at === undefined ? undefined : this.picker.querySelectorAll('input')[at]
      box?.click()
      return Boolean(box)
    })
  }

  attributeChangedCallback() {
    if (this.picker) this.categories = parsed(this, 'categories', [])
  }

  get categories() {
    return this.#categories
  }

  set categories(categories) {
    this.#categories = categories
    const all = this.excluded ? [...categories, this.excluded] : categories
    const type = this.several ? 'checkbox' : 'radio'
    this.chosen = new Set([...this.chosen].filter((each) => all.includes(each)))
    this.picker.setAttribute('role', this.several ? 'group' : 'radiogroup')
    this.picker.setAttribute('aria-label', this.getAttribute('header') ?? 'Categories')
    const choices = all.map((text, at) => {
      const box = make('input', {
        type,
        name: 'category',
        value: text,
        onchange: () => this.#choose(text, box.checked),
      })
      const key = at < 9 ? make('kbd', { 'aria-hidden': 'true' }, String(at + 1)) : ''
      return make('label', { class: 'category' }, box, make('span', {}, text), key)
    })
    this.picker.replaceChildren(...choices, ...(this.comment ? [this.comment.button, this.comment.dialog] : []))
    this.#show()
  }

  /**
   * @param {string} text
   * @param {boolean} on
   */
  #choose(text, on) {
    if (!this.several || (on && text === this.excluded)) this.chosen.clear()
    else this.chosen.delete(this.excluded ?? '')
    if (on) this.chosen.add(text)
    else this.chosen.delete(text)
    this.#show()
    this.changed()
  }

  #show() {
    for (const box of this.picker.querySelectorAll('input')) box.checked = this.chosen.has(box.value)
  }

  #workerComment() {
    const region = this.querySelector(':scope > worker-comment')
    if (!region) return undefined
    const title = region.getAttribute('header') ?? 'Add a comment'
    const text = make('textarea', { placeholder: region.getAttribute('placeholder'), 'aria-label': title, rows: 4 })
    text.addEventListener('change', () => this.changed())
    const dialog = make(
      'dialog',
      { 'aria-label': title },
      make('h2', {}, title),
      make('slot', { name: 'worker-comment' }),
      text,
    )
    dialog.append(make('button', { type: 'button', onclick: () => dialog.close() }, 'Done'))
    const button = make(
      'button',
      { type: 'button', onclick: () => dialog.showModal() },
      region.getAttribute('link-text') ?? title,
    )
    return { text, dialog, button }
  }

  get value() {
    const labels = this.#chosenInOrder
    return this.several ? labels : labels[0]
  }

  set value(value) {
    this.chosen = new Set(value === undefined || value === null ? [] : [value].flat())
    if (this.picker) this.#show()
  }

  get #chosenInOrder() {
    return [...this.#categories, this.excluded ?? ''].filter((each) => this.chosen.has(each))
  }

  get _submittableValue() {
    if (!this.chosen.size) return undefined
    const workerComment = this.comment?.text.value.trim() || undefined
    const labels = this.#chosenInOrder
    return { ...(this.several ? { labels } : { label: labels[0] }), ...(workerComment && { workerComment }) }
  }

  get missing() {
    return this.chosen.size ? '' : this.several ? 'Choose at least one category.' : 'Choose a category.'
  }

  set state(/** @type {any} */ state) {
    this.value = state?.labels ?? state?.label
    if (this.comment) this.comment.text.value = state?.workerComment ?? ''
  }

  get state() {
    return this._submittableValue
  }
}

export class CrowdClassifier extends Classifier {}
export class CrowdClassifierMultiSelect extends Classifier {}
export class CrowdImageClassifier extends Classifier {}
export class CrowdImageClassifierMultiSelect extends Classifier {}
