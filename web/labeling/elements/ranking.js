/** crowd-text-ranking: a rank for each response, by each dimension. */
import { Annotation } from './annotation.js'
import { make, parsed } from './base.js'

export class CrowdTextRanking extends Annotation {
  /** @type {{name: string, allowTie?: boolean}[]} */
  dimensions = []
  /** @type {string[]} */
  responses = []
  /** @type {number[][]} of each dimension, a rank for each response; 0 where there is none yet */
  ranks = []

  /** @param {ShadowRoot} root */
  draw(root) {
    this.dimensions = parsed(this, 'ordinal-ranking-dimensions', [])
    this.responses = parsed(this, 'responses', [])
    this.ranks = this.dimensions.map(() => this.responses.map(() => 0))
    const items = this.responses.map((text, at) =>
      make('li', {}, make('p', {}, text), ...this.dimensions.map((_, of) => this.#choice(of, at))),
    )
    this.frame(
      root,
      make('p', { class: 'prompt' }, this.getAttribute('text') ?? ''),
      make('ol', { class: 'responses' }, ...items),
    )
  }

  /**
   * @param {number} of the dimension
   * @param {number} at the response
   */
  #choice(of, at) {
    const { name } = this.dimensions[of]
    const options = ['–', ...this.responses.map((_, rank) => String(rank + 1))]
    const box = make(
      'select',
      { 'aria-label': `${name} of response ${at + 1}` },
      ...options.map((text, rank) => make('option', { value: rank }, text)),
    )
    box.addEventListener('change', () => {
      this.ranks[of][at] = Number(box.value)
      this.changed()
    })
    return make('label', { class: 'rank' }, name, ' ', box)
  }

  get flat() {
    return true
  }

  get _submittableValue() {
    const dimensions = this.dimensions.map(({ name, allowTie = false }, of) => ({
      allowTie,
      name,
      responseRankings: this.ranks[of],
    }))
    return { ordinalRankingDimensions: dimensions }
  }

  get value() {
    return this._submittableValue
  }

  get missing() {
    for (const [of, { name, allowTie }] of this.dimensions.entries()) {
      if (this.ranks[of].includes(0)) return `Rank every response by ${name}.`
      if (!allowTie && new Set(this.ranks[of]).size < this.ranks[of].length) return `Give no rank of ${name} twice.`
    }
    return ''
  }

  get state() {
    return this.ranks
  }

  set state(/** @type {any} */ ranks) {
    this.ranks = ranks ?? this.dimensions.map(() => this.responses.map(() => 0))
    const boxes = this.shadowRoot?.querySelectorAll('select') ?? []
    for (const [at, box] of boxes.entries())
      box.value = String(this.ranks[at % this.dimensions.length][Math.floor(at / this.dimensions.length)])
  }
}
