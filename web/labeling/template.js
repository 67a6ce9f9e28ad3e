/** Renders a worker template: Liquid with the filters that Ground Truth adds. */
import { Liquid } from 'liquidjs'

const ELEMENTS = /https:\/\/assets\.crowd\.aws\/crowd-html-elements(?:-v2)?\.js/g
const LOOK = /<link[^>]+https:\/\/assets\.crowd\.aws\/[^>]+>/g

/** @param {any} text */
const escaped = (text) => String(text ?? '').replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)

/**
 * Render a template; what it prints is escaped, once, unless it says `skip_autoescape`.
 * @param {string} template
 * @param {any} input becomes `task.input`
 * @param {(uri: string) => string} grant returns what a browser can read instead of a URI
 * @returns {Promise<string>}
 */
export async function render(template, input, grant) {
  const engine = new Liquid({ outputEscape: escaped })
  engine.registerFilter('grant_read_access', (uri) => grant(String(uri)))
  engine.registerFilter('to_json', (value) => JSON.stringify(value ?? null))
  engine.registerFilter('skip_autoescape', { raw: true, handler: (/** @type {any} */ value) => value })
  engine.registerFilter('escape', { raw: true, handler: escaped })
  engine.registerFilter('escape_once', { raw: true, handler: (/** @type {any} */ text) => escaped(unescaped(text)) })
  const page = await engine.parseAndRender(template, { task: { input } })
  return page.replace(LOOK, '').replace(ELEMENTS, new URL('crowd-html-elements.js', import.meta.url).href)
}

/** @param {any} text */
function unescaped(text) {
  const names = /** @type {Record<string, string>} */ ({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" })
  return String(text ?? '').replace(/&(?:#(\d+)|(\w+));/g, (whole, code, name) =>
    code ? String.fromCodePoint(Number(code)) : (names[name] ?? whole),
  )
}
