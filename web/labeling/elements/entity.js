/** crowd-entity-annotation: spans of a text, with a form of its own around it. */
import { Annotation } from './annotation.js'
import { make, parsed } from './base.js'
import { arrow, command, digit } from './keys.js'
import { COLORS } from './kinds.js'
import { Passage } from './passage.js'

/** @typedef {{label: string, startOffset: number, endOffset: number}} Entity */

export class CrowdEntityAnnotation extends Annotation {
  /** @type {Entity[]} */
  entities = []
  /** @type {Entity[][]} */
  #past = []
  /** @type {Entity[][]} */
  #future = []
  /** @type {any[]} */
  #labels = []
  #active = -1
  /** @type {string | undefined} */
  #initial

  /** @param {ShadowRoot} root */
  draw(root) {
    this.passage = new Passage(this.getAttribute('text') ?? '', root, () => this.#selected())
    const tools = ['undo', 'redo', 'delete'].map((does) =>
      make(
        'button',
        { type: 'button', 'data-does': does, onclick: () => this.does(does) },
        does[0].toUpperCase() + does.slice(1),
      ),
    )
    this.status = make('output', { class: 'status', 'aria-live': 'polite' })
    const form = make('crowd-form')
    this.frame(
      root,
      make('div', { class: 'tools', role: 'toolbar', 'aria-label': 'Tools' }, ...tools),
      this.passage.view,
      this.status,
    )
    this.area.append(make('slot'))
    root.append(form)
    form.append(...root.querySelectorAll('.annotation'))
    this.labels = parsed(this, 'labels', [])
    const given = parsed(this, 'initial-value')
    if (given) {
      this.entities = given.map(this.#plain)
      this.#initial = JSON.stringify(this.entities)
    }
    this.listen((event) => this.#pressed(event))
    this.#show()
  }

  /** @param {Entity} entity */
  #plain({ label, startOffset, endOffset }) {
    return { endOffset, label, startOffset }
  }

  get labels() {
    return this.#labels
  }

  set labels(labels) {
    this.#labels = labels.map((/** @type {any} */ each) => (typeof each === 'string' ? { label: each } : each))
    if (!this.picker) return
    this.picker.setAttribute('role', 'group')
    this.picker.setAttribute('aria-label', 'Labels')
    this.picker.replaceChildren(
      ...this.#labels.map((each, at) => {
        const swatch = make('i', { class: 'swatch', style: `background: ${COLORS[at % COLORS.length]}` })
        const key = at < 9 ? make('kbd', { 'aria-hidden': 'true' }, String(at + 1)) : ''
        const name = each.fullDisplayName ?? each.longDisplayName ?? each.label
        return make('button', { type: 'button', class: 'category', onclick: () => this.choose(at) }, swatch, name, key)
      }),
    )
    this.#show()
  }

  /** @param {number} at a label: of what is selected, or of what is selected next */
  choose(at) {
    if (at >= this.#labels.length) return
    const [from, to] = this.passage.range
    const here = from === to && this.#at(from)
    if (from !== to) this.#add(at)
    else if (here)
      this.#commit(this.entities.map((each) => (each === here ? { ...each, label: this.#labels[at].label } : each)))
    else this.#active = this.#active === at ? -1 : at
    this.#show()
  }

  /** Somebody has selected text by mouse or finger. */
  #selected() {
    if (this.#active >= 0 && this.passage.range[0] !== this.passage.range[1]) this.#add(this.#active)
    this.#show()
  }

  /** @param {number} at the label */
  #add(at) {
    const [startOffset, endOffset] = this.passage.range
    const partly = this.entities.some(
      (each) =>
        each.startOffset < endOffset &&
        startOffset < each.endOffset &&
        !(startOffset <= each.startOffset && each.endOffset <= endOffset) &&
        !(each.startOffset <= startOffset && endOffset <= each.endOffset),
    )
    if (partly) return this.#say('Select all of what is labeled already, not a part of it.')
    const others = this.entities.filter((each) => each.startOffset !== startOffset || each.endOffset !== endOffset)
    const added = [...others, { endOffset, label: this.#labels[at].label, startOffset }]
    this.#commit(added.sort((one, other) => one.startOffset - other.startOffset || other.endOffset - one.endOffset))
    this.passage.collapse()
  }

  /** @param {number} offset the innermost entity there */
  #at(offset) {
    return this.entities.findLast((each) => each.startOffset <= offset && offset < each.endOffset)
  }

  /** @param {Entity[]} entities */
  #commit(entities) {
    this.#past.push(this.entities)
    this.#future = []
    this.entities = entities
    this.changed()
  }

  /** @param {string} name of a command */
  does(name) {
    const way = { undo: [this.#past, this.#future], redo: [this.#future, this.#past] }[name]
    const then = way?.[0].pop()
    if (way && then) {
      way[1].push(this.entities)
      this.entities = then
      this.changed()
    }
    if (name === 'delete') {
      const here = this.#at(this.passage.range[0])
      if (here) this.#commit(this.entities.filter((each) => each !== here))
    }
    if (name === 'next' || name === 'previous') this.#step(name === 'next' ? 1 : -1)
    if (name === 'cancel') this.passage.collapse()
    this.#show()
  }

  /** @param {number} by */
  #step(by) {
    const starts = this.entities.map((each) => each.startOffset)
    const [from] = this.passage.range
    const to = by > 0 ? starts.find((each) => each > from) : starts.findLast((each) => each < from)
    if (to !== undefined) this.passage.set(to, to)
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const [at, by, name] = [digit(event), arrow(event), command(event)]
    if (at !== undefined) this.choose(at)
    else if (by) this.passage.go(Math.sign(by[0] || by[1]), event.ctrlKey || by[1] !== 0, event.shiftKey)
    else if (name === 'finish' || name === 'place') return false
    else if (name) this.does(name)
    if (by) this.#show()
    return at !== undefined || Boolean(by) || Boolean(name)
  }

  /** @param {string} text */
  #say(text) {
    this.status.textContent = text
  }

  #show() {
    if (!this.passage || !this.status) return
    const looks = this.#labels.map((each, at) => [
      each.label,
      { short: each.shortDisplayName ?? each.label, color: COLORS[at % COLORS.length] },
    ])
    this.passage.show(this.entities, new Map(/** @type {any} */ (looks)))
    const here = this.#at(this.passage.range[0])
    const [from, to] = this.passage.range
    const letters = [...this.passage.text]
    this.#say(
      `${this.entities.length} labeled · ` +
        (from !== to
          ? `selected: ${letters.slice(from, to).join('')}`
          : `at ${from}: ${letters[from] ?? 'end'}${here ? `, in ${here.label}` : ''}`),
    )
    for (const [at, button] of [...this.picker.children].entries())
      button.setAttribute('aria-pressed', String(at === this.#active))
  }

  get value() {
    return this._submittableValue
  }

  get _submittableValue() {
    const changed =
      this.#initial === undefined ? {} : { initialValueModified: JSON.stringify(this.entities) !== this.#initial }
    return { entities: this.entities, ...changed }
  }

  get state() {
    return this.entities
  }

  set state(/** @type {any} */ entities) {
    this.entities = (entities ?? JSON.parse(this.#initial ?? '[]')).map(this.#plain)
    this.#show()
  }
}
