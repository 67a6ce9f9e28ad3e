/** What every element of ours is made of: attributes, properties that may be set before it is defined, a shadow tree. */
import JSON5 from 'json5'

import css from './style.js'

/** How elements speak to the frame around them: `answer`, `refused` and `draft` are its events. */
export const channel = new EventTarget()

/**
 * @param {string} type
 * @param {unknown} detail
 */
export const tell = (type, detail) => channel.dispatchEvent(new CustomEvent(type, { detail }))

/**
 * Read an attribute as JSON the way templates write it: single quotes, bare keys, comments, trailing commas.
 * @param {Element} element
 * @param {string} name
 * @param {any} [otherwise]
 */
export function parsed(element, name, otherwise) {
  const text = element.getAttribute(name)
  if (text === null || !text.trim()) return otherwise
  try {
    return JSON5.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace('JSON5: ', '') : error
    throw new Error(`<${element.localName}> has no JSON in its attribute ${name}: ${reason}.`)
  }
}

/**
 * Make an element, with attributes, listeners (`onclick`) and children.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string)} children
 * @returns {any}
 */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes))
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value)
    else if (value === true) made.setAttribute(name, '')
    else if (value !== false && value !== undefined && value !== null) made.setAttribute(name, value)
  made.append(...children)
  return made
}

/** Whether somebody is typing, so that a key is a letter and no command. */
export const typing = () => {
  let at = document.activeElement
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
  return Boolean(at?.matches('input:not([type=radio]):not([type=checkbox]):not([type=range]), textarea, select'))
}

const LOOK = new CSSStyleSheet()
LOOK.replaceSync(css)

/** An element with a shadow tree that is drawn once, when its children are there. */
export class CrowdElement extends HTMLElement {
  #drawn = false

  connectedCallback() {
    if (this.#drawn) return
    this.#drawn = true
    const early = Object.entries(this).filter(([name]) => name in Object.getPrototypeOf(this)) // set before its accessor was
    for (const [name] of early) delete (/** @type {any} */ (this)[name])
    const root = this.attachShadow({ mode: 'open' })
    root.adoptedStyleSheets = [LOOK]
    for (const child of this.children) if (!child.slot && REGIONS.has(child.localName)) child.slot = child.localName
    this.draw(root)
    for (const [name, value] of early) /** @type {any} */ (this)[name] = value
  }

  /** @param {ShadowRoot} root */
  draw(root) {
    root.append(make('slot'))
  }

  /** The value of the answer under this element's name; undefined where there is none. */
  get _submittableValue() {
    return undefined
  }

  /** Whether the answer holds the members of the value themselves, and not the value under the element's name. */
  get flat() {
    return false
  }

  /** One sentence that says what is missing; empty where nothing is. */
  get missing() {
    return ''
  }

  /** What the element needs to look as it does now, for drafts. */
  get state() {
    return this._submittableValue
  }

  set state(_state) {}

  get name() {
    return this.getAttribute('name') ?? ''
  }

  set name(name) {
    this.setAttribute('name', name)
  }

  /** @param {string} name */
  flag(name) {
    const text = this.getAttribute(name)
    return text !== null && text !== 'false'
  }

  get disabled() {
    return this.flag('disabled')
  }

  set disabled(on) {
    this.toggleAttribute('disabled', Boolean(on))
  }

  get required() {
    return this.flag('required')
  }

  set required(on) {
    this.toggleAttribute('required', Boolean(on))
  }

  /** Say that somebody changed the answer. */
  changed() {
    this.dispatchEvent(new Event('change', { bubbles: true }))
    tell('draft', null)
  }
}

/** Children that belong somewhere in the element around them. */
export const REGIONS = new Set([
  'short-instructions',
  'full-instructions',
  'detailed-instructions',
  'positive-example',
  'negative-example',
  'classification-target',
  'worker-comment',
])
