/** Keys of the tools: one table of commands, which each person may change. */

/** @type {Record<string, string[]>} */
export const KEYS = {
  undo: ['Control+z'],
  redo: ['Control+y', 'Control+Shift+z'],
  delete: ['Delete', 'Backspace'],
  duplicate: ['d'],
  next: ['n'],
  previous: ['p'],
  vertex: ['v'],
  hide: ['h'],
  place: [' '],
  finish: ['Enter'],
  cancel: ['Escape'],
  zoomIn: ['+'],
  zoomOut: ['-'],
  fit: ['0'],
}

/** @param {Record<string, string[]>} own what a person has changed */
export const change = (own) => Object.assign(KEYS, own)

/**
 * Return how a key is written in the table, with what is held beside it.
 * @param {{key: string, ctrlKey: boolean, metaKey: boolean, shiftKey: boolean}} event
 */
export function pressed(event) {
  const modifiers = [(event.ctrlKey || event.metaKey) && 'Control', event.shiftKey && event.key.length > 1 && 'Shift']
  if (event.ctrlKey && event.shiftKey && event.key.length === 1) modifiers.push('Shift')
  return [...modifiers.filter(Boolean), event.ctrlKey ? event.key.toLowerCase() : event.key].join('+')
}

/**
 * Return the command that a key gives, or undefined.
 * @param {KeyboardEvent} event
 */
export const command = (event) => Object.keys(KEYS).find((name) => KEYS[name].includes(pressed(event)))

/**
 * Return which label or category a digit stands for, from 0; undefined for another key.
 * @param {KeyboardEvent} event
 */
export const digit = (event) =>
  !event.ctrlKey && !event.metaKey && !event.altKey && /^[1-9]$/.test(event.key) ? Number(event.key) - 1 : undefined

/**
 * Return how far an arrow goes: one, with Shift ten, with Control a hundred.
 * @param {KeyboardEvent} event
 * @returns {[number, number] | undefined}
 */
export function arrow(event) {
  const by = event.ctrlKey ? 100 : event.shiftKey ? 10 : 1
  /** @type {Record<string, [number, number]>} */
  const ways = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] }
  return ways[event.key]
}
