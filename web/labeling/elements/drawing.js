/** Shapes that somebody draws: which there are, which is selected, and the way back. Knows nothing of the screen. */
import { ordered, reshaped } from './kinds.js'

/** @typedef {import('./kinds.js').Shape} Shape */

export class Drawing {
  /** @type {Shape[]} */
  shapes = []
  /** @type {number[][] | undefined} points of a shape that is not finished */
  open
  selected = -1
  vertex = -1
  width = 0
  height = 0
  /** @type {Shape[][]} */
  #past = []
  /** @type {Shape[][]} */
  #future = []

  /** @param {import('./kinds.js').Kind} kind */
  constructor(kind) {
    this.kind = kind
  }

  get current() {
    return this.shapes[this.selected]
  }

  /** @param {Shape[]} shapes what there is from now on; the way back leads to what was */
  commit(shapes) {
    this.#past.push(this.shapes)
    this.#future = []
    this.shapes = shapes
    if (this.selected >= shapes.length) this.select(-1)
  }

  /** @param {Shape[]} shapes a start: no way back before it */
  start(shapes) {
    this.shapes = shapes
    this.#past = []
    this.#future = []
    this.open = undefined
    this.select(-1)
  }

  undo() {
    if (this.open) return this.#back()
    this.#travel(this.#past, this.#future)
  }

  redo() {
    this.#travel(this.#future, this.#past)
  }

  /** Take back the last point of the shape that is being drawn. */
  #back() {
    this.open = this.open && this.open.length > 1 ? this.open.slice(0, -1) : undefined
  }

  /**
   * @param {Shape[][]} from
   * @param {Shape[][]} to
   */
  #travel(from, to) {
    const shapes = from.pop()
    if (!shapes) return
    to.push(this.shapes)
    this.shapes = shapes
    if (this.selected >= shapes.length) this.select(-1)
  }

  /** @param {number} index */
  select(index) {
    this.selected = index
    this.vertex = -1
  }

  /** Drop the shape that is being drawn, or let go of the selected one. */
  cancel() {
    if (this.open) this.open = undefined
    else this.select(-1)
  }

  /** @param {number} by */
  step(by) {
    const count = this.shapes.length
    if (count) this.select((Math.max(this.selected, by > 0 ? -1 : 0) + by + count) % count)
  }

  /** @param {number[]} at */
  inside([x, y]) {
    const within = (/** @type {number} */ value, /** @type {number} */ most) =>
      Math.round(Math.min(Math.max(value, 0), most))
    return [within(x, this.width), within(y, this.height)]
  }

  /**
   * Put a point; the shape ends where it has as many as it can have.
   * @param {number[]} at
   * @param {string} label
   */
  place(at, label) {
    const point = this.inside(at)
    const last = this.open?.at(-1)
    if (last && last[0] === point[0] && last[1] === point[1]) return
    this.open = [...(this.open ?? []), point]
    this.select(-1)
    if (this.open.length === this.kind.most) this.finish(label)
  }

  /**
   * End the shape that is being drawn; it is dropped where it has too few points or no area.
   * @param {string} label
   */
  finish(label) {
    const points = ordered(this.kind, this.open ?? [])
    this.open = undefined
    const flat =
      this.kind.box && points.length === 2 && (points[0][0] === points[1][0] || points[0][1] === points[1][1])
    if (points.length < this.kind.least || flat) return
    this.commit([...this.shapes, { label, points }])
    this.select(this.shapes.length - 1)
  }

  /**
   * Return the selected shape, or its chosen point, moved by so much, no further than the picture goes.
   * @param {[number, number]} by
   * @param {Shape} [shape]
   */
  moved([dx, dy], shape = this.current) {
    const { points } = shape
    if (this.vertex >= 0) {
      const points_ = reshaped(this.kind, points, this.vertex, [dx, dy]).map((at) => this.inside(at))
      return { ...shape, points: points_ }
    }
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)]
    const room = (/** @type {number} */ by, /** @type {number[]} */ at, /** @type {number} */ most) =>
      Math.round(Math.min(Math.max(by, -Math.min(...at)), most - Math.max(...at)))
    const [right, down] = [room(dx, xs, this.width), room(dy, ys, this.height)]
    return { ...shape, points: points.map(([x, y]) => [x + right, y + down]) }
  }

  /** @param {Shape} shape instead of the selected one */
  replace(shape) {
    const settled = { ...shape, points: ordered(this.kind, shape.points) }
    const [[x, y] = [0, 0], [u, v] = [1, 1]] = settled.points
    if (this.kind.box && (x === u || y === v)) return
    this.commit(this.shapes.map((each, at) => (at === this.selected ? settled : each)))
  }

  /** Delete the chosen point where the shape can spare it, or else the shape. */
  remove() {
    if (!this.current) return
    const { points } = this.current
    if (this.vertex >= 0 && !this.kind.box && points.length > this.kind.least) {
      const left = points.filter((_, at) => at !== this.vertex)
      this.vertex = -1
      this.replace({ ...this.current, points: left })
    } else {
      const at = this.selected
      this.select(-1)
      this.commit(this.shapes.filter((_, index) => index !== at))
    }
  }

  duplicate() {
    if (!this.current) return
    this.vertex = -1
    const far = Math.max(...this.current.points.map(([x]) => x)) + 10 > this.width ? -10 : 10
    this.commit([...this.shapes, this.moved([far, far])])
    this.select(this.shapes.length - 1)
  }
}
