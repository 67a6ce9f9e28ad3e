/** crowd-bounding-box, -polygon, -polyline, -line, -keypoint: one editor, whose kind of shape alone differs. */
import { Annotation } from './annotation.js'
import { make, parsed } from './base.js'
import { Drawing } from './drawing.js'
import { arrow, command, digit } from './keys.js'
import { COLORS, KINDS, ordered } from './kinds.js'
import { Stage } from './stage.js'

const TOOLS = {
  undo: 'Undo',
  redo: 'Redo',
  delete: 'Delete',
  duplicate: 'Duplicate',
  finish: 'Finish',
  cancel: 'Let go',
  hide: 'Hide',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  fit: 'Fit',
}

class ImageTool extends Annotation {
  static observedAttributes = ['labels', 'src']
  /** @type {string[]} */
  #labels = []
  #label = 0
  /** @type {string | undefined} */
  #initial
  cursor = [0, 0]

  /** @param {ShadowRoot} root */
  draw(root) {
    const name = this.localName.replace('crowd-', '').replace(/-(.)/, (_, letter) => letter.toUpperCase())
    this.kind = KINDS[name]
    this.colors = parsed(this, 'label-colors', COLORS)
    this.drawing = new Drawing(this.kind)
    this.stage = new Stage(this.drawing, (shape) => this.color(shape.label), this)
    const tools = Object.entries(TOOLS).map(([does, text]) =>
      make('button', { type: 'button', 'data-does': does, onclick: () => this.does(does) }, text),
    )
    const light = make('input', { type: 'range', min: 40, max: 250, value: 100, 'aria-label': 'Brightness' })
    light.addEventListener('input', () => (this.stage.image.style.filter = `brightness(${light.value}%)`))
    this.status = make('output', { class: 'status', 'aria-live': 'polite' })
    this.frame(
      root,
      make('div', { class: 'tools', role: 'toolbar', 'aria-label': 'Tools' }, ...tools, light),
      this.stage.view,
      this.status,
    )
    this.labels = parsed(this, 'labels', [])
    this.loaded = this.#load()
    this.listen((event) => this.#pressed(event))
  }

  attributeChangedCallback(/** @type {string} */ name) {
    if (!this.stage) return
    if (name === 'labels') this.labels = parsed(this, 'labels', [])
    else this.loaded = this.#load()
  }

  async #load() {
    try {
      await this.stage.load(this.getAttribute('src') ?? '')
    } catch {
      return this.#say('The picture cannot be shown: skip this task as broken.')
    }
    this.#loaded()
  }

  #loaded() {
    const { naturalWidth, naturalHeight } = this.stage.image
    this.drawing.width = naturalWidth
    this.drawing.height = naturalHeight
    this.cursor = [Math.round(naturalWidth / 2), Math.round(naturalHeight / 2)]
    const given = parsed(this, 'initial-value')
    if (given && this.#initial === undefined) {
      const items = Array.isArray(given) ? given : given[this.kind.key]
      const shapes = items.map((/** @type {any} */ each) => ({ label: each.label, points: this.kind.read(each) }))
      this.#initial = JSON.stringify(shapes)
      if (!this.drawing.shapes.length) this.drawing.start(shapes)
    }
    this.refresh()
  }

  get labels() {
    return this.#labels
  }

  set labels(labels) {
    this.#labels = labels
    this.#label = Math.min(this.#label, Math.max(0, labels.length - 1))
    if (!this.picker) return
    this.picker.setAttribute('role', 'group')
    this.picker.setAttribute('aria-label', 'Labels')
    this.picker.replaceChildren(...labels.map((label, at) => this.#choice(label, at)))
    this.refresh()
  }

  /**
   * @param {string} label
   * @param {number} at
   */
  #choice(label, at) {
    const key = at < 9 ? make('kbd', { 'aria-hidden': 'true' }, String(at + 1)) : ''
    const swatch = make('i', { class: 'swatch', style: `background: ${this.color(label)}` })
    return make('button', { type: 'button', class: 'category', onclick: () => this.choose(at) }, swatch, label, key)
  }

  /** @param {string} label */
  color(label) {
    return this.colors[Math.max(0, this.#labels.indexOf(label)) % this.colors.length]
  }

  get label() {
    return this.#labels[this.#label]
  }

  /** @param {number} at the label of what is selected, and of what is drawn next */
  choose(at) {
    if (at >= this.#labels.length) return
    this.#label = at
    const { current } = this.drawing
    if (current && current.label !== this.label) {
      this.drawing.replace({ ...current, label: this.label })
      this.changed()
    }
    this.refresh()
  }

  /** @param {number[]} at */
  place(at) {
    if (this.label === undefined) return this.#say('Choose a label first.')
    const before = this.drawing.shapes
    this.drawing.place(at, this.label)
    this.settle(before)
  }

  /** @param {readonly any[]} before what there was before something was done */
  settle(before) {
    this.refresh()
    if (before !== this.drawing.shapes) this.changed()
  }

  /** @param {string} name of a command */
  does(name) {
    const { drawing, stage } = this
    const before = drawing.shapes
    /** @type {Record<string, () => void>} */
    const commands = {
      undo: () => drawing.undo(),
      redo: () => drawing.redo(),
      delete: () => drawing.remove(),
      duplicate: () => drawing.duplicate(),
      next: () => drawing.step(1),
      previous: () => drawing.step(-1),
      vertex: () => (drawing.vertex = drawing.current ? (drawing.vertex + 1) % this.stage.handles.length : -1),
      hide: () => stage.view.classList.toggle('hidden'),
      place: () => this.place(this.cursor),
      finish: () => drawing.finish(this.label),
      cancel: () => drawing.cancel(),
      zoomIn: () => stage.zoom(1.25),
      zoomOut: () => stage.zoom(0.8),
      fit: () => stage.fit(),
    }
    commands[name]()
    this.settle(before)
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const [at, by, name] = [digit(event), arrow(event), command(event)]
    if (at !== undefined) this.choose(at)
    else if (by) this.#go(by)
    else if (name === 'finish' && !this.drawing.open)
      return false // Enter submits, then
    else if (name) this.does(name)
    return at !== undefined || Boolean(by) || Boolean(name)
  }

  /** @param {[number, number]} by what is selected moves, or else the cross hair */
  #go([dx, dy]) {
    if (this.drawing.current) {
      this.drawing.replace(this.drawing.moved([dx, dy]))
      this.changed()
    } else {
      this.cursor = this.drawing.inside([this.cursor[0] + dx, this.cursor[1] + dy])
      this.stage.aim(this.cursor)
    }
    this.refresh()
  }

  /** @param {string} text */
  #say(text) {
    this.status.textContent = text
  }

  refresh() {
    const { current, shapes, open } = this.drawing
    this.stage.show()
    for (const [at, button] of [...this.picker.children].entries())
      button.setAttribute('aria-pressed', String(at === this.#labels.indexOf(current?.label ?? this.label)))
    const many = `${shapes.length} drawn`
    const where = (/** @type {number[][]} */ points) => points.map((each) => each.join(', ')).join(' – ')
    const what = current && `${current.label} ${this.drawing.selected + 1}: ${where(current.points)}`
    this.#say(
      open ? `${this.label}: ${where(open)} …` : what ? `${what} · ${many}` : `${many} · ${this.cursor.join(', ')}`,
    )
  }

  get value() {
    return this._submittableValue
  }

  get _submittableValue() {
    const { width, height, shapes } = this.drawing ?? { width: 0, height: 0, shapes: [] }
    const items = shapes.map((shape) => this.kind.write({ ...shape, points: ordered(this.kind, shape.points) }))
    const changed =
      this.#initial === undefined ? {} : { initialValueModified: JSON.stringify(shapes) !== this.#initial }
    return { [this.kind.key]: items, ...changed, inputImageProperties: { height, width } }
  }

  get missing() {
    if (!this.drawing.width) return 'The picture is not there yet.'
    return this.drawing.open ? 'Finish the shape first: press Enter, or Escape to drop it.' : ''
  }

  get state() {
    return this.drawing.shapes
  }

  set state(/** @type {any} */ shapes) {
    this.drawing.start(shapes ?? JSON.parse(this.#initial ?? '[]'))
    this.refresh()
  }
}

export class CrowdBoundingBox extends ImageTool {}
export class CrowdPolygon extends ImageTool {}
export class CrowdPolyline extends ImageTool {}
export class CrowdLine extends ImageTool {}
export class CrowdKeypoint extends ImageTool {}
