/** A picture to look at, with the answer of an earlier task over it. */
import { make, parsed } from './base.js'
import { COLORS, drawn, KINDS } from './kinds.js'

const SVG = 'http://www.w3.org/2000/svg'

/**
 * Make a node of SVG.
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @returns {any}
 */
export function svg(tag, attributes = {}) {
  const made = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
  return made
}

/**
 * Show the picture of an element that classifies, and its `overlay`: shapes, or the picture of a mask.
 * @param {Element} element
 */
export function picture(element) {
  const image = make('img', { src: element.getAttribute('src'), alt: 'to classify' })
  const sheet = make('div', { class: 'sheet still' }, image)
  const overlay = parsed(element, 'overlay', {})
  const mask = overlay.semanticSegmentation?.src ?? overlay.instanceSegmentation?.src
  if (mask) sheet.append(make('img', { src: mask, alt: 'earlier labels', class: 'mask' }))
  for (const [name, kind] of Object.entries(KINDS)) {
    if (!overlay[name]) continue
    const layer = svg('svg', { class: 'layer' })
    const size = () => layer.setAttribute('viewBox', `0 0 ${image.naturalWidth} ${image.naturalHeight}`)
    image.addEventListener('load', size)
    if (image.complete) size()
    const { value = [], labels = [] } = overlay[name]
    for (const each of Array.isArray(value) ? value : value[kind.key]) {
      const color = COLORS[Math.max(0, labels.indexOf(each.label)) % COLORS.length]
      const [x, y] = kind.read(each)[0]
      layer.append(svg('path', { class: 'line', d: drawn(kind, kind.read(each)), stroke: color }))
      layer.append(svg('text', { x, y, fill: color }))
      layer.lastChild.textContent = each.label
    }
    sheet.append(layer)
  }
  return sheet
}
