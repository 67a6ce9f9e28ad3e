/** Kinds of shapes: how many points each has, and how it is written in answers. */

/**
 * @typedef {{label: string, points: number[][]}} Shape
 * @typedef {{key: string, least: number, most: number, closed?: boolean, box?: boolean,
 *   read: (item: any) => number[][], write: (shape: Shape) => any}} Kind
 */

export const COLORS = [
  '#1f77b4',
  '#ff7f0e',
  '#2ca02c',
  '#d62728',
  '#9467bd',
  '#8c564b',
  '#e377c2',
  '#7f7f7f',
  '#bcbd22',
  '#17becf',
]

/** @param {any} item */
const vertices = (item) => item.vertices.map((/** @type {any} */ at) => [at.x, at.y])

/** @param {Shape} shape */
const written = ({ label, points }) => ({ label, vertices: points.map(([x, y]) => ({ x, y })) })

/** By the name that an overlay calls them, which is that of the element in camel case. @type {Record<string, Kind>} */
export const KINDS = {
  boundingBox: {
    key: 'boundingBoxes',
    least: 2,
    most: 2,
    box: true,
    read: ({ left, top, width, height }) => [
      [left, top],
      [left + width, top + height],
    ],
    write: ({ label, points: [[left, top], [right, bottom]] }) => ({
      height: bottom - top,
      label,
      left,
      top,
      width: right - left,
    }),
  },
  polygon: { key: 'polygons', least: 3, most: Number.POSITIVE_INFINITY, closed: true, read: vertices, write: written },
  polyline: { key: 'polylines', least: 2, most: Number.POSITIVE_INFINITY, read: vertices, write: written },
  line: { key: 'lines', least: 2, most: 2, read: vertices, write: written },
  keypoint: {
    key: 'keypoints',
    least: 1,
    most: 1,
    read: ({ x, y }) => [[x, y]],
    write: ({ label, points: [[x, y]] }) => ({ label, x, y }),
  },
}

/**
 * Return the path of a shape in SVG.
 * @param {Kind} kind
 * @param {number[][]} points
 */
export function drawn(kind, points) {
  if (kind.box && points.length === 2) {
    const [[left, top], [right, bottom]] = points
    return `M${left} ${top}H${right}V${bottom}H${left}Z`
  }
  const path = `M${points.map((at) => at.join(' ')).join('L')}`
  return points.length === 1 ? `${path}h0.01` : kind.closed ? `${path}Z` : path
}

/**
 * Return the points that can be taken hold of: a box has four corners.
 * @param {Kind} kind
 * @param {number[][]} points
 */
export function handles(kind, points) {
  if (!kind.box) return points
  const [[left, top], [right, bottom]] = points
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ]
}

/**
 * Return points with one of them moved by so much.
 * @param {Kind} kind
 * @param {number[][]} points
 * @param {number} which
 * @param {[number, number]} by
 */
export function reshaped(kind, points, which, [dx, dy]) {
  if (!kind.box) return points.map(([x, y], at) => (at === which ? [x + dx, y + dy] : [x, y]))
  const [[left, top], [right, bottom]] = points
  const atLeft = which === 0 || which === 3
  const atTop = which < 2
  return [
    [left + (atLeft ? dx : 0), top + (atTop ? dy : 0)],
    [right + (atLeft ? 0 : dx), bottom + (atTop ? 0 : dy)],
  ]
}

/**
 * Return a box with its corners in order; other shapes as they are.
 * @param {Kind} kind
 * @param {number[][]} points
 */
export function ordered(kind, points) {
  if (!kind.box || points.length < 2) return points
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)]
  return [
    [Math.min(...xs), Math.min(...ys)],
    [Math.max(...xs), Math.max(...ys)],
  ]
}
