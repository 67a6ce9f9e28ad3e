/** crowd-question-answer-generation: questions about a text, each with its answer and tags. */
import { Annotation } from './annotation.js'
import { make, parsed } from './base.js'

/** @param {string} text */
const words = (text) => text.trim().split(/\s+/u).filter(Boolean).length

export class CrowdQuestionAnswerGeneration extends Annotation {
  /** @type {{question: string, answer: string, tags: string[]}[]} */
  pairs = []

  /** @param {ShadowRoot} root */
  draw(root) {
    this.list = make('div', { class: 'pairs' })
    const add = make('button', { type: 'button', onclick: () => this.#add() }, 'Add a question')
    this.frame(root, make('p', { class: 'prompt' }, this.getAttribute('text') ?? ''), this.list, add)
    this.#add()
  }

  /**
   * @param {string} name
   * @param {number} otherwise
   */
  #limit(name, otherwise) {
    return Number(this.getAttribute(name) ?? otherwise)
  }

  #add(pair = { question: '', answer: '', tags: /** @type {string[]} */ ([]) }) {
    if (this.pairs.length >= this.#limit('max-questions', Number.POSITIVE_INFINITY)) return
    this.pairs.push(pair)
    const field = (/** @type {'question' | 'answer'} */ name) => {
      const box = make('textarea', { 'aria-label': `${name} ${this.pairs.length}`, rows: 2 })
      box.value = pair[name]
      box.addEventListener('input', () => (pair[name] = box.value))
      box.addEventListener('change', () => this.changed())
      return make('label', {}, name[0].toUpperCase() + name.slice(1), box)
    }
    const card = make(
      'fieldset',
      {},
      make('legend', {}, `Pair ${this.pairs.length}`),
      field('question'),
      field('answer'),
      ...this.#tags(pair),
    )
    const remove = make('button', { type: 'button' }, 'Remove')
    remove.addEventListener('click', () => {
      this.pairs.splice(this.pairs.indexOf(pair), 1)
      card.remove()
      this.changed()
    })
    card.append(remove)
    this.list.append(card)
  }

  /** @param {{tags: string[]}} pair */
  #tags(pair) {
    const known = parsed(this, 'question-tags', [])
    const boxes = known.map((/** @type {string} */ tag) => {
      const box = make('input', { type: 'checkbox', checked: pair.tags.includes(tag) })
      box.addEventListener('change', () => {
        pair.tags = box.checked ? [...pair.tags, tag] : pair.tags.filter((each) => each !== tag)
        this.changed()
      })
      return make('label', { class: 'tag' }, box, tag)
    })
    if (!this.flag('allow-custom-question-tags')) return boxes
    const own = make('input', { placeholder: 'own tag', 'aria-label': 'own tag' })
    own.value = pair.tags.find((each) => !known.includes(each)) ?? ''
    own.addEventListener('change', () => {
      pair.tags = [...pair.tags.filter((each) => known.includes(each)), ...(own.value.trim() ? [own.value.trim()] : [])]
      this.changed()
    })
    return [...boxes, own]
  }

  get _submittableValue() {
    return { questionAnswerPairs: this.pairs.map(({ question, answer, tags }) => ({ answer, question, tags })) }
  }

  get value() {
    return this._submittableValue
  }

  get missing() {
    const least = this.#limit('min-questions', 1)
    if (this.pairs.length < least) return `Write at least ${least} questions.`
    for (const [at, pair] of this.pairs.entries())
      for (const name of /** @type {const} */ (['question', 'answer'])) {
        const [from, to] = [
          this.#limit(`${name}-min-words`, 1),
          this.#limit(`${name}-max-words`, Number.POSITIVE_INFINITY),
        ]
        const count = words(pair[name])
        if (count < from || count > to)
          return `The ${name} of pair ${at + 1} has ${count} words: between ${from} and ${to} are asked for.`
      }
    return ''
  }

  get state() {
    return this.pairs
  }

  set state(/** @type {any} */ pairs) {
    this.pairs = []
    this.list.replaceChildren()
    for (const pair of pairs ?? [undefined]) this.#add(pair && { ...pair })
  }
}
