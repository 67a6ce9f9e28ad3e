/** The keys of page and tools: what they are, and how a person changes them. */
import { KEYS, pressed } from '../elements/keys.js'
import { call } from './api.js'

/** The page's own commands, beside those of the tools. @type {Record<string, string[]>} */
const OWN = { back: ['b'], skip: ['s'], ask: ['q'], help: ['?'] }
const USUAL = { ...OWN, ...structuredClone(KEYS) }
/** @type {Record<string, string>} */
const NAMES = {
  back: 'Back to the task submitted last',
  skip: 'Skip this task',
  ask: 'Ask who leads the job',
  help: 'Show keys',
  undo: 'Undo',
  redo: 'Redo',
  delete: 'Delete what is selected',
  duplicate: 'Duplicate it',
  next: 'Next shape',
  previous: 'Previous shape',
  vertex: 'Next corner of the shape',
  hide: 'Hide all shapes',
  place: 'Put a point',
  finish: 'End a shape; with none, submit',
  cancel: 'Let go',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  fit: 'Fit to the page',
}
const SHOWN = /** @type {Record<string, string>} */ ({ ' ': 'Space', Control: 'Ctrl' })

/** What the person has changed, by command. @type {Record<string, string[]>} */
export let changed = {}

/** Fetch what the person has changed before. */
export async function load() {
  changed = (await call('GET', 'me/keys')).keys
}

/** @returns {Record<string, string[]>} */
const all = () => ({ ...USUAL, ...changed })

/**
 * Return the page's command that a key gives, or undefined.
 * @param {any} event
 */
export const ofPage = (event) =>
  event.used ? undefined : Object.keys(OWN).find((name) => all()[name].includes(pressed(event)))

/** @param {string} key */
const label = (key) =>
  key
    .split(/(?<=.)\+/)
    .map((part) => SHOWN[part] ?? part)
    .join(' + ')

/**
 * Return which other command has a key of this one.
 * @param {string} command
 */
const rival = (command) =>
  Object.entries(all()).find(
    ([other, keys]) => other !== command && keys.some((key) => all()[command].includes(key)),
  )?.[0]

/**
 * Draw the table of keys.
 * @param {HTMLElement} place
 * @param {(sentence: string) => void} say
 */
export function draw(place, say) {
  place.replaceChildren(
    ...Object.entries(all()).map(([command, keys]) => {
      const row = document.createElement('tr')
      const name = document.createElement('th')
      name.scope = 'row'
      name.textContent = NAMES[command] ?? command
      const cell = document.createElement('td')
      const button = document.createElement('button')
      button.type = 'button'
      button.textContent = keys.map(label).join(', ')
      button.setAttribute('aria-label', `${name.textContent}: ${button.textContent}. Change`)
      button.onclick = () => change(command, button, place, say)
      cell.append(button)
      const other = rival(command)
      if (other) {
        const note = document.createElement('span')
        note.className = 'conflict'
        note.textContent = `also: ${NAMES[other] ?? other}`
        cell.append(' ', note)
      }
      row.append(name, cell)
      return row
    }),
  )
}

/**
 * Take the next key that is pressed for a command.
 * @param {string} command
 * @param {HTMLButtonElement} button
 * @param {HTMLElement} place
 * @param {(sentence: string) => void} say
 */
function change(command, button, place, say) {
  button.textContent = 'Press a key …'
  button.onkeydown = async (event) => {
    if (['Control', 'Shift', 'Alt', 'Meta', 'Tab'].includes(event.key)) return
    event.preventDefault()
    event.stopPropagation()
    changed = { ...changed, [command]: [pressed(event)] }
    draw(place, say)
    await store(say)
  }
  button.onblur = () => draw(place, say)
}

/**
 * Go back to the usual keys.
 * @param {HTMLElement} place
 * @param {(sentence: string) => void} say
 */
export async function reset(place, say) {
  changed = {}
  draw(place, say)
  await store(say)
}

/** @param {(sentence: string) => void} say */
async function store(say) {
  try {
    await call('PUT', 'me/keys', { keys: changed })
    say('Your keys are kept; the next task has them.')
  } catch (error) {
    say(/** @type {any} */ (error).message)
  }
}
