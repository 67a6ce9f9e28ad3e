/** crowd-input, -text-area, -slider, -checkbox, -radio-button, -radio-group, -toggle-button. */
import { CrowdElement, make } from './base.js'

const COPIED = ['placeholder', 'type', 'min', 'max', 'step', 'rows']

class Field extends CrowdElement {
  static observedAttributes = ['disabled']
  /** @type {HTMLInputElement | HTMLTextAreaElement | undefined} */
  control

  /** @param {string} tag */
  field(tag) {
    const control = make(tag, { id: 'control', 'aria-label': this.#label })
    for (const name of COPIED) if (this.hasAttribute(name)) control.setAttribute(name, this.getAttribute(name) ?? '')
    for (const name of ['max-length', 'min-length'])
      if (this.hasAttribute(name)) control.setAttribute(name.replace('-', ''), this.getAttribute(name) ?? '')
    control.value = this.getAttribute('value') ?? ''
    control.disabled = this.disabled
    control.addEventListener('change', () => this.changed())
    this.control = control
    if (this.flag('auto-focus')) queueMicrotask(() => control.focus())
    return control
  }

  get #label() {
    return this.getAttribute('label') ?? this.getAttribute('placeholder') ?? (this.textContent?.trim() || this.name)
  }

  attributeChangedCallback() {
    if (this.control) this.control.disabled = this.disabled
  }

  /** @returns {any} */
  get value() {
    return this.control?.value ?? this.getAttribute('value') ?? ''
  }

  set value(value) {
    if (this.control) this.control.value = value ?? ''
  }

  /** @returns {any} */
  get state() {
    return this.value
  }

  set state(state) {
    this.value = state ?? this.getAttribute('value') ?? ''
  }

  focus() {
    this.control?.focus()
  }
}

class Text extends Field {
  /** @param {ShadowRoot} root */
  draw(root) {
    const control = this.field(this.localName === 'crowd-input' ? 'input' : 'textarea')
    const label = this.getAttribute('label')
    this.error = make('div', { class: 'error', hidden: true })
    if (label) root.append(make('label', { for: 'control' }, label))
    root.append(control, this.error)
    if (this.flag('char-counter')) root.append(this.#counter(control))
    control.addEventListener('beforeinput', (/** @type {InputEvent} */ event) => this.#sift(event))
    control.addEventListener('blur', () => this.#validate())
  }

  /** @param {HTMLInputElement} control */
  #counter(control) {
    const counter = make('div', { class: 'counter' }, String(control.value.length))
    control.addEventListener('input', () => (counter.textContent = String(control.value.length)))
    return counter
  }

  /** @param {InputEvent} event keep out what the pattern does not allow */
  #sift(event) {
    const allowed = this.getAttribute('allowed-pattern')
    if (!allowed || !this.flag('auto-validate') || !event.data) return
    if (![...event.data].every((letter) => new RegExp(`^(?:${allowed})$`, 'u').test(letter))) event.preventDefault()
  }

  #validate() {
    if (!this.flag('auto-validate') || !this.error) return
    const wrong = !this.control?.checkValidity()
    this.error.hidden = !wrong
    this.error.textContent = wrong ? (this.getAttribute('error-message') ?? this.control?.validationMessage) : ''
  }

  get _submittableValue() {
    return this.value === '' ? undefined : this.value
  }

  get missing() {
    if (this.required && !this.value.trim()) return `Fill in ${this.getAttribute('label') ?? this.name}.`
    const least = Number(this.getAttribute('min-length') ?? 0)
    if (this.value && this.value.length < least) return `${this.name} needs at least ${least} characters.`
    return ''
  }
}

export class CrowdInput extends Text {}
export class CrowdTextArea extends Text {}

export class CrowdSlider extends Field {
  #touched = false

  /** @param {ShadowRoot} root */
  draw(root) {
    const control = this.field('input')
    control.type = 'range'
    control.value = this.getAttribute('value') ?? control.min ?? '0'
    this.#touched = this.hasAttribute('value')
    const said = make('output', { class: 'pin' }, control.value)
    control.addEventListener('input', () => {
      this.#touched = true
      said.textContent = control.value
    })
    const meant = () => {
      this.#touched = true // what is shown already is the answer
      this.changed()
    }
    control.addEventListener('click', meant)
    control.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => event.key === ' ' && meant())
    root.append(make('div', { class: 'slider' }, control, said), make('slot'))
  }

  get value() {
    return Number(this.control?.value)
  }

  set value(value) {
    if (!this.control) return
    this.control.value = String(value)
    this.#touched = true
    const said = this.shadowRoot?.querySelector('output')
    if (said) said.textContent = this.control.value
  }

  get state() {
    return this.#touched ? this.value : undefined
  }

  set state(state) {
    if (state !== undefined) this.value = Number(state)
    else this.#touched = this.hasAttribute('value')
  }

  get _submittableValue() {
    return this.#touched ? this.value : undefined
  }

  get missing() {
    return this.required && !this.#touched ? `Move the slider of ${this.name}, or press space on it.` : ''
  }
}

class Switch extends CrowdElement {
  static observedAttributes = ['disabled', 'checked']
  /** @type {HTMLInputElement | undefined} */
  control
  type = 'checkbox'

  /** @param {ShadowRoot} root */
  draw(root) {
    const control = make('input', { type: this.localName === 'crowd-radio-button' ? 'radio' : 'checkbox' })
    if (this.localName === 'crowd-toggle-button') control.setAttribute('role', 'switch')
    control.checked = this.flag('checked')
    control.disabled = this.disabled
    control.addEventListener('change', () => {
      if (control.checked) this.#alone()
      this.changed()
    })
    this.control = control
    root.append(make('label', { class: 'switch' }, control, make('span', {}, make('slot'))))
    if (!this.textContent?.trim()) control.setAttribute('aria-label', this.name || this.value)
  }

  attributeChangedCallback() {
    if (this.control) this.control.disabled = this.disabled
  }

  /** Of a group one alone is on. */
  #alone() {
    const group = this.closest('crowd-radio-group')
    if (this.control?.type !== 'radio' || !group) return
    for (const other of group.querySelectorAll('crowd-radio-button'))
      if (other !== this) /** @type {Switch} */ (other).checked = false
  }

  get checked() {
    return this.control?.checked ?? this.flag('checked')
  }

  set checked(on) {
    if (this.control) this.control.checked = Boolean(on)
    if (on) this.#alone()
  }

  get value() {
    return this.getAttribute('value') ?? 'on'
  }

  set value(value) {
    this.setAttribute('value', value)
  }

  get _submittableValue() {
    return { [this.value]: this.checked }
  }

  get state() {
    return this._submittableValue
  }

  set state(/** @type {any} */ state) {
    this.checked = state === undefined ? this.flag('checked') : Boolean(state[this.value])
  }

  get missing() {
    return this.required && !this.checked ? `${this.textContent?.trim() || this.name} has to be chosen.` : ''
  }

  focus() {
    this.control?.focus()
  }
}

export class CrowdCheckbox extends Switch {}
export class CrowdRadioButton extends Switch {}
export class CrowdToggleButton extends Switch {}

export class CrowdRadioGroup extends CrowdElement {
  /** @param {ShadowRoot} root */
  draw(root) {
    this.setAttribute('role', 'radiogroup')
    this.addEventListener('keydown', (event) => this.#arrow(event))
    root.append(make('slot'))
  }

  /** @param {KeyboardEvent} event arrows go from button to button, as in a group of HTML's own */
  #arrow(event) {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key]
    const buttons = /** @type {CrowdRadioButton[]} */ ([...this.querySelectorAll('crowd-radio-button:not([disabled])')])
    const at = buttons.indexOf(/** @type {any} */ (event.target))
    if (!step || at < 0) return
    event.preventDefault()
    const next = buttons[(at + step + buttons.length) % buttons.length]
    next.checked = true
    next.focus()
    next.changed()
  }
}
