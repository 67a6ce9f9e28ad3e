/** crowd-form: what it collects, when it may be submitted, and how a draft of it is kept. */
import { CrowdElement, make, tell, typing } from './base.js'

const NATIVE = 'input[name], select[name], textarea[name]'
const BUTTON = 'button, input, crowd-button'
const NO_ANSWER = new Set(['submit', 'button', 'reset', 'image', 'file'])

/**
 * Return what a control of HTML's own submits: switches a Boolean under their value, as crowd-checkbox does.
 * @param {any} control
 */
function native(control) {
  if (control.disabled || NO_ANSWER.has(control.type)) return undefined
  if (control.type === 'checkbox' || control.type === 'radio') return { [control.value]: control.checked }
  if (control.multiple) return [...control.selectedOptions].map((/** @type {any} */ option) => option.value)
  return control.value === '' ? undefined : control.value
}

/** @param {any} value */
const isSwitch = (value) =>
  value !== null &&
  typeof value === 'object' &&
  Object.keys(value).length > 0 &&
  Object.values(value).every((each) => typeof each === 'boolean')

/**
 * Sort the keys of objects, as answers are written.
 * @param {any} value
 * @returns {any}
 */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  )
}

/**
 * Every element inside of `root` that has a name and a value.
 * @param {Element} root
 * @returns {any[]}
 */
const named = (root) =>
  [...root.querySelectorAll('[name]')].filter((each) => each instanceof CrowdElement || each.matches(NATIVE))

/**
 * Collect an answer: switches of one name are merged, of others the last one counts.
 * @param {any[]} elements
 */
export function collect(elements) {
  /** @type {Record<string, any>} */
  const answer = {}
  for (const each of elements) {
    const value = each instanceof CrowdElement ? each._submittableValue : native(each)
    if (value === undefined || !each.name) continue
    if (each.flat) {
      Object.assign(answer, value)
      continue
    }
    const before = answer[each.name]
    answer[each.name] = isSwitch(before) && isSwitch(value) ? { ...before, ...value } : value
  }
  return sorted(answer)
}

export class CrowdForm extends CrowdElement {
  /** @param {ShadowRoot} root */
  draw(root) {
    this.error = make('div', { role: 'alert', class: 'error', hidden: true })
    root.append(make('slot'), this.error)
    if (!this.querySelector('crowd-button[form-action=submit], button[type=submit], input[type=submit]'))
      root.append(
        make('div', { class: 'actions' }, make('button', { class: 'primary', onclick: () => this.submit() }, 'Submit')),
      )
    this.addEventListener('submit', (event) => this.#nested(event), { capture: true })
    this.addEventListener('click', (event) => this.#clicked(event))
    this.addEventListener('keydown', (event) => this.#enter(event))
    this.addEventListener('input', () => tell('draft', null))
    this.addEventListener('change', () => tell('draft', null))
    forms.add(this)
  }

  /** Where templates append what belongs to the form. */
  get form() {
    return this
  }

  /** The element around the form where it stands in a shadow tree: its own answer belongs to the form too. */
  get #host() {
    const root = this.getRootNode()
    return root instanceof ShadowRoot && root.host instanceof CrowdElement ? root.host : null
  }

  get elements() {
    const host = this.#host
    return host ? [host, ...named(host), ...named(this)] : named(this)
  }

  get value() {
    return collect(this.elements)
  }

  get _submittableValue() {
    return this.value
  }

  get missing() {
    const refused = this.querySelector('[refused]')
    if (refused) return refused.getAttribute('refused') ?? ''
    for (const each of this.elements)
      if (each instanceof CrowdElement) {
        if (!each.disabled && each.missing) return each.missing
      } else if (!each.checkValidity()) return `${each.name}: ${each.validationMessage}`
    return ''
  }

  /** Submit, unless something is missing or a validator of the template prevents it. */
  submit() {
    const missing = this.missing
    this.error.textContent = missing
    this.error.hidden = !missing
    if (missing) return
    if (this.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }))) tell('answer', this.value)
  }

  reset() {
    for (const each of this.elements) reset(each)
  }

  /** @param {Event} event a form of HTML's own inside: it never goes anywhere by itself */
  #nested(event) {
    if (!(event.target instanceof HTMLFormElement)) return
    event.preventDefault()
    event.stopPropagation()
    this.submit()
  }

  /** @param {Event} event */
  #clicked(event) {
    const button = event
      .composedPath()
      .find((each) => each instanceof Element && this.contains(each) && each.matches(BUTTON))
    if (!(button instanceof HTMLElement)) return
    const action = button.getAttribute('form-action') ?? button.getAttribute('type')
    const inForm = button.closest('form') && !button.matches('crowd-button')
    if (inForm || button.matches('[disabled]:not([disabled=false])')) return
    if (action === 'submit') this.submit()
    if (action === 'reset') this.reset()
  }

  /** @param {KeyboardEvent} event */
  #enter(event) {
    const [at] = event.composedPath()
    const line = at instanceof HTMLInputElement && !NO_ANSWER.has(at.type)
    const anywhere = event.ctrlKey || event.metaKey
    if (event.key === 'Enter' && !event.defaultPrevented && (line || anywhere)) {
      event.preventDefault()
      this.submit()
    }
  }
}

/** @type {Set<CrowdForm>} */
export const forms = new Set()

/** @param {any} control */
function reset(control) {
  if (control instanceof CrowdElement) control.state = undefined
  else if (control.type === 'checkbox' || control.type === 'radio') control.checked = control.defaultChecked
  else control.value = control.defaultValue ?? ''
}

/** Submit by Enter from anywhere that has no use of its own for the key. */
export function submitByKey() {
  document.addEventListener('keydown', (event) => {
    const at = event.composedPath()[0]
    const busy =
      event.defaultPrevented || typing() || (at instanceof Element && at.matches('button, a, summary, [role=button]'))
    if (event.key !== 'Enter' || busy) return
    event.preventDefault()
    for (const form of forms) if (form.isConnected) return form.submit()
  })
}

/** Return everything that somebody has entered, to go on later. */
export function draft() {
  return [...forms].map((form) =>
    form.elements.map((each) => (each instanceof CrowdElement ? each.state : (native(each) ?? null))),
  )
}

/** @param {any[][]} kept what `draft` returned for the same template */
export function restore(kept) {
  ;[...forms].forEach((form, index) => {
    form.elements.forEach((each, at) => {
      const state = kept[index]?.[at]
      if (state === undefined || state === null) return
      if (each instanceof CrowdElement) each.state = state
      else if (each.type === 'checkbox' || each.type === 'radio') each.checked = state[each.value] ?? false
      else if (!each.multiple) each.value = state
    })
  })
}
