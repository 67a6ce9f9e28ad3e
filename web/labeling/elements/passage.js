/** A text of which somebody selects a part, by mouse, finger or keys. Offsets count letters of Unicode. */
import { make } from './base.js'

const WORD = /[\p{L}\p{N}_'’-]/u

export class Passage {
  anchor = 0
  focus = 0

  /**
   * @param {string} text
   * @param {ShadowRoot} root
   * @param {() => void} selected
   */
  constructor(text, root, selected) {
    this.text = text
    this.letters = [...text]
    this.root = root
    this.view = make('div', {
      class: 'passage',
      tabindex: 0,
      role: 'application',
      'aria-label': 'Text: arrows move, Shift selects',
    })
    let down = false
    this.view.addEventListener('pointerdown', (/** @type {PointerEvent} */ event) => {
      if (event.button !== 0) return
      event.preventDefault()
      this.view.focus({ preventScroll: true })
      this.view.setPointerCapture(event.pointerId)
      down = true
      this.anchor = this.focus = this.#at(event)
      this.#highlight()
    })
    this.view.addEventListener('pointermove', (/** @type {PointerEvent} */ event) => {
      if (!down) return
      this.focus = this.#at(event)
      this.#highlight()
    })
    this.view.addEventListener('pointerup', () => {
      if (!down) return
      down = false
      selected()
    })
    this.view.addEventListener('dblclick', () => {
      ;[this.anchor, this.focus] = this.#word(this.focus)
      this.#highlight()
      selected()
    })
    this.view.addEventListener('pointercancel', () => (down = false))
  }

  /** @returns {[number, number]} what is selected; both alike where nothing is */
  get range() {
    return [Math.min(this.anchor, this.focus), Math.max(this.anchor, this.focus)]
  }

  /**
   * @param {number} anchor
   * @param {number} focus
   */
  set(anchor, focus) {
    this.anchor = anchor
    this.focus = focus
    this.#highlight()
  }

  collapse() {
    this.set(this.range[0], this.range[0])
  }

  /**
   * @param {number} by
   * @param {boolean} words
   * @param {boolean} keep the anchor, and so select
   */
  go(by, words, keep) {
    const inside = (/** @type {number} */ at) => WORD.test(this.letters[at] ?? '')
    let to = this.focus + by
    if (words) {
      const at = () => (by > 0 ? to : to - 1)
      while (to > 0 && to < this.letters.length && !inside(at() - (by > 0 ? 1 : 0))) to += by
      while (to > 0 && to < this.letters.length && inside(at())) to += by
    }
    to = Math.min(Math.max(to, 0), this.letters.length)
    this.set(keep ? this.anchor : to, to)
  }

  /** @param {number} at */
  #word(at) {
    let [from, to] = [at, at]
    while (from > 0 && WORD.test(this.letters[from - 1])) from -= 1
    while (to < this.letters.length && WORD.test(this.letters[to])) to += 1
    return [from, to]
  }

  /** @param {PointerEvent} event */
  #at({ clientX, clientY }) {
    const position = /** @type {any} */ (document).caretPositionFromPoint(clientX, clientY, {
      shadowRoots: [this.root],
    })
    if (!position || !this.view.contains(position.offsetNode)) return this.focus
    const before = document.createRange()
    before.setStart(this.view, 0)
    before.setEnd(position.offsetNode, position.offset)
    return [...before.toString()].length
  }

  /** @param {number} offset in letters */
  #point(offset) {
    let left = this.letters.slice(0, offset).join('').length
    const walk = document.createTreeWalker(this.view, NodeFilter.SHOW_TEXT)
    while (walk.nextNode()) {
      const { length } = /** @type {Text} */ (walk.currentNode)
      if (left <= length) return { node: walk.currentNode, at: left }
      left -= length
    }
    return { node: this.view, at: 0 }
  }

  #highlight() {
    const range = new StaticRange({
      startContainer: this.#point(this.range[0]).node,
      startOffset: this.#point(this.range[0]).at,
      endContainer: this.#point(Math.max(this.range[1], Math.min(this.range[0] + 1, this.letters.length))).node,
      endOffset: this.#point(Math.max(this.range[1], Math.min(this.range[0] + 1, this.letters.length))).at,
    })
    CSS.highlights.set(this.anchor === this.focus ? 'crowd-cursor' : 'crowd-selection', new Highlight(range))
    CSS.highlights.delete(this.anchor === this.focus ? 'crowd-selection' : 'crowd-cursor')
  }

  /**
   * Show the text with its entities: those that begin first are outside.
   * @param {{label: string, startOffset: number, endOffset: number}[]} entities
   * @param {Map<string, {short: string, color: string}>} looks
   */
  show(entities, looks) {
    const cuts = [0, this.letters.length, ...entities.flatMap((each) => [each.startOffset, each.endOffset])]
    const at = [...new Set(cuts)].sort((one, other) => one - other)
    const parts = at.slice(0, -1).map((from, index) => {
      const part = this.letters.slice(from, at[index + 1]).join('')
      const around = entities.filter((each) => each.startOffset <= from && from < each.endOffset)
      const inner = around.at(-1)
      if (!inner) return document.createTextNode(part)
      const look = looks.get(inner.label) ?? { short: inner.label, color: '#777777' }
      const mark = make('mark', { style: `--color: ${look.color}` }, part)
      const begun = around
        .filter((each) => each.startOffset === from)
        .map((each) => looks.get(each.label)?.short ?? each.label)
      if (begun.length) mark.dataset.short = begun.join(' ')
      return mark
    })
    this.view.replaceChildren(...parts)
    this.#highlight()
  }
}
