/** Elements of the page, made without markup: what people wrote is never read as such. */

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * Make an element.
 * @param {string} name
 * @param {Record<string, any>} [attributes] functions are listeners, `false` and `undefined` are left out
 * @param {...Child} children
 * @returns {any}
 */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(attribute, value)
    else if (value === true) made.setAttribute(attribute, '')
    else if (value !== false && value !== undefined) made.setAttribute(attribute, String(value))
  }
  made.append(
    .../** @type {any[]} */ (children.filter((each) => each !== null && each !== undefined && each !== false)),
  )
  return made
}

/**
 * @param {string} text
 * @param {() => void} pressed
 * @param {Record<string, any>} [attributes]
 */
export const button = (text, pressed, attributes = {}) =>
  el('button', { type: 'button', click: pressed, ...attributes }, text)

/**
 * Make a table that scrolls by itself where there is no room for it.
 * @param {string} caption
 * @param {string[]} heads
 * @param {Child[][]} rows the first cell of each names it
 */
export const table = (caption, heads, rows) =>
  el(
    'div',
    { class: 'scroll', role: 'region', 'aria-label': caption, tabindex: 0 },
    el(
      'table',
      {},
      el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))),
      el(
        'tbody',
        {},
        ...rows.map(([first, ...cells]) =>
          el('tr', {}, el('th', { scope: 'row' }, first), ...cells.map((cell) => el('td', {}, cell))),
        ),
      ),
    ),
  )

/** @param {number} seconds since 1970 */
export const moment = (seconds) =>
  new Date(seconds * 1000).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })

/** @param {number} share */
export const percent = (share) => `${Math.round(share * 100)} %`
