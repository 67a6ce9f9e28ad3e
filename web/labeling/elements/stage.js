/** The picture with shapes over it: what is seen, and what mouse, pen and finger do to it. */
import { make } from './base.js'
import { drawn, handles } from './kinds.js'
import { svg } from './picture.js'

const NEAR = 10 // pixels of the screen between two points that are meant to be one

export class Stage {
  /** @type {Map<any, any>} */
  #nodes = new Map()
  #scale = 1
  /** @type {undefined | {from: number[], shape: any, moved?: any}} */
  #drag

  /**
   * @param {import('./drawing.js').Drawing} drawing
   * @param {(shape: import('./kinds.js').Shape) => string} color
   * @param {any} tool which places points and settles
   */
  constructor(drawing, color, tool) {
    this.drawing = drawing
    this.color = color
    this.tool = tool
    this.image = make('img', { alt: '', draggable: 'false' })
    this.layer = svg('svg', { class: 'layer' })
    this.shapes = svg('g')
    this.grips = svg('g')
    this.draft = svg('path', { class: 'line draft' })
    this.cross = svg('path', { class: 'cross' })
    this.front = svg('svg', { class: 'layer front' }) // what moves, so that the many below are not painted again
    this.front.append(this.draft, this.grips, this.cross)
    this.layer.append(this.shapes)
    const canvas = make('canvas', { class: 'upper-canvas' }) // templates measure it
    this.sheet = make('div', { class: 'sheet' }, this.image, canvas, this.layer, this.front)
    this.view = make(
      'div',
      { class: 'stage', tabindex: 0, role: 'application', 'aria-label': 'Picture to draw on' },
      this.sheet,
    )
    for (const type of ['pointerdown', 'pointermove', 'pointerup', 'pointercancel', 'dblclick', 'wheel'])
      this.sheet.addEventListener(type, (/** @type {any} */ event) => this.#on(type, event), { passive: false })
  }

  get handles() {
    const { current, kind } = this.drawing
    return current ? handles(kind, this.#drag?.moved?.points ?? current.points) : []
  }

  /**
   * Show a picture; the promise is kept when it is there, or will never be.
   * @param {string} src
   */
  async load(src) {
    if (!src) return
    this.image.src = src
    await this.image.decode()
    for (const each of [this.layer, this.front])
      each.setAttribute('viewBox', `0 0 ${this.image.naturalWidth} ${this.image.naturalHeight}`)
    this.fit()
  }

  fit() {
    const room = this.view.clientWidth || this.image.naturalWidth
    this.#scale = Math.min(1, room / this.image.naturalWidth)
    this.zoom(1)
  }

  /**
   * @param {number} by
   * @param {{clientX: number, clientY: number}} [at] what stays where it is
   */
  zoom(by, at) {
    const before = at && this.at(at)
    this.#scale = Math.min(20, Math.max(0.05, this.#scale * by))
    this.sheet.style.width = `${this.image.naturalWidth * this.#scale}px`
    this.sheet.style.setProperty('--unit', `${1 / this.#scale}px`)
    if (!at || !before) return
    const box = this.view.getBoundingClientRect()
    this.view.scrollLeft = before[0] * this.#scale - (at.clientX - box.left)
    this.view.scrollTop = before[1] * this.#scale - (at.clientY - box.top)
  }

  /**
   * Return where in the picture something on the screen is.
   * @param {{clientX: number, clientY: number}} event
   */
  at({ clientX, clientY }) {
    const box = this.layer.getBoundingClientRect()
    const [wide, high] = [this.image.naturalWidth, this.image.naturalHeight]
    return [((clientX - box.left) * wide) / (box.width || 1), ((clientY - box.top) * high) / (box.height || 1)]
  }

  /** @param {number[]} at */
  aim([x, y]) {
    this.cross.setAttribute('d', `M0 ${y}H${this.image.naturalWidth}M${x} 0V${this.image.naturalHeight}`)
  }

  /**
   * @param {string} type
   * @param {any} event
   */
  #on(type, event) {
    if (type === 'wheel') {
      if (!event.ctrlKey) return
      event.preventDefault()
      return this.zoom(event.deltaY < 0 ? 1.15 : 0.87, event)
    }
    const at = this.at(event)
    if (type === 'pointerdown' && event.button === 0) this.#down(event, at)
    if (type === 'pointermove') this.#move(at)
    if (type === 'pointerup') this.#up(event, at)
    if (type === 'pointercancel') {
      if (this.#drag) this.#draw(this.#nodes.get(this.#drag.shape), this.#drag.shape)
      this.#drag = undefined
      this.show()
    }
    if (type === 'dblclick' && this.drawing.open) this.tool.does('finish')
  }

  /**
   * @param {any} event
   * @param {number[]} at
   */
  #down(event, at) {
    event.preventDefault()
    this.view.focus({ preventScroll: true })
    this.layer.setPointerCapture(event.pointerId)
    const { drawing } = this
    const { open } = drawing
    if (open && drawing.kind.closed && open.length >= drawing.kind.least && this.#near(open[0], at))
      return this.tool.does('finish')
    if (open) return this.tool.place(at)
    const handle = event.target.closest('.handle')
    const shape = event.target.closest('.shape')
    if (handle) drawing.vertex = Number(handle.dataset.vertex)
    else if (shape) drawing.select([...this.shapes.children].indexOf(shape))
    else return this.tool.place(at)
    this.#drag = { from: at, shape: drawing.current }
    this.tool.refresh()
  }

  /** @param {number[]} at */
  #move(at) {
    this.aim(this.drawing.inside(at))
    if (this.drawing.open) return this.#sketch(at)
    if (!this.#drag) return
    const [x, y] = this.#drag.from
    this.#drag.moved = this.drawing.moved([at[0] - x, at[1] - y], this.#drag.shape)
    const node = this.#nodes.get(this.#drag.shape)
    if (node.parentNode !== this.front) this.front.prepend(node)
    this.#draw(node, this.#drag.moved)
    this.#grip()
  }

  /**
   * @param {any} _event
   * @param {number[]} at
   */
  #up(_event, at) {
    const { drawing } = this
    const { open, kind } = drawing
    if (open && kind.most === 2 && !this.#near(open[0], at)) return this.tool.place(at)
    const moved = this.#drag?.moved
    this.#drag = undefined
    if (!moved) return
    const before = drawing.shapes
    drawing.replace(moved)
    this.tool.settle(before)
  }

  /**
   * @param {number[]} one
   * @param {number[]} other
   */
  #near(one, other) {
    return Math.hypot(one[0] - other[0], one[1] - other[1]) * this.#scale < NEAR
  }

  /** @param {number[]} [at] where the next point would be */
  #sketch(at) {
    const { open, kind } = this.drawing
    const points = open && at ? [...open, at] : open
    this.draft.setAttribute('d', points ? drawn({ ...kind, closed: false }, points) : '')
  }

  /**
   * @param {any} node
   * @param {import('./kinds.js').Shape} shape
   */
  #draw(node, { label, points }) {
    const d = drawn(this.drawing.kind, points)
    const [hit, line, text] = node.children
    hit.setAttribute('d', d)
    line.setAttribute('d', d)
    text.setAttribute('x', points[0][0])
    text.setAttribute('y', points[0][1])
    text.textContent = label
    node.style.setProperty('--color', this.color({ label, points }))
  }

  #grip() {
    const at = this.handles
    while (this.grips.children.length > at.length) this.grips.lastChild.remove()
    for (const [index, [x, y]] of at.entries()) {
      const grip =
        this.grips.children[index] ?? this.grips.appendChild(svg('circle', { class: 'handle', 'data-vertex': index }))
      grip.setAttribute('cx', x)
      grip.setAttribute('cy', y)
      grip.classList.toggle('chosen', index === this.drawing.vertex)
    }
  }

  /** Show what there is now: nodes of shapes that have not changed stay. */
  show() {
    const { shapes, current } = this.drawing
    const nodes = new Map()
    for (const shape of shapes) {
      const kept = this.#nodes.get(shape) ?? this.#shape(shape)
      nodes.set(shape, kept)
    }
    for (const [shape, node] of this.#nodes) if (!nodes.has(shape)) node.remove()
    let after = null
    for (const node of [...nodes.values()].reverse()) {
      if (node.parentNode !== this.shapes || node.nextSibling !== after) this.shapes.insertBefore(node, after)
      after = node
    }
    this.shapes.querySelector('.selected')?.classList.remove('selected')
    if (current) nodes.get(current).classList.add('selected')
    this.#nodes = nodes
    this.#sketch()
    this.#grip()
  }

  /** @param {import('./kinds.js').Shape} shape */
  #shape(shape) {
    const node = svg('g', { class: 'shape' })
    node.append(svg('path', { class: 'hit' }), svg('path', { class: 'line' }), svg('text'))
    this.#draw(node, shape)
    return node
  }
}
