/** Requests to the portal: again after the session has ended, and again after the network was away. */
import { renew, token } from './session.js'

const AGAIN = 1000 // milliseconds until a request is tried again without a network
const BUSY = new Set([429, 502, 503, 504])
const PIECE = 4_000_000 // bytes of a file that come at once

/** An answer that is no success: its sentence, and its status. */
export class Refused extends Error {
  /**
   * @param {string} sentence
   * @param {number} status
   */
  constructor(sentence, status) {
    super(sentence)
    this.status = status
  }
}

/** Whether the network is there; the page hears of each change. */
export const network = new EventTarget()
let away = false

/** @param {boolean} now */
function tell(now) {
  if (now !== away) network.dispatchEvent(new CustomEvent('change', { detail: !now }))
  away = now
}

/**
 * Send a request until it is answered.
 * @param {string} method
 * @param {string} path below the page's own address
 * @param {any} [body]
 * @param {Record<string, string>} [headers]
 * @returns {Promise<Response>}
 */
export async function send(method, path, body, headers = {}) {
  const content = body === undefined ? {} : { body: JSON.stringify(body) }
  const kind = body === undefined ? {} : { 'Content-Type': 'application/json' }
  for (let ended = false; ; ) {
    let answer
    try {
      if (ended || !token()) await renew()
      answer = await fetch(path, { method, ...content, headers: { Authorization: token(), ...kind, ...headers } })
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      tell(true)
      await new Promise((done) => setTimeout(done, AGAIN))
      continue
    }
    tell(false)
    ended = answer.status === 401
    if (ended) continue
    if (BUSY.has(answer.status)) {
      await new Promise((done) => setTimeout(done, AGAIN))
      continue
    }
    if (answer.ok) return answer
    const said = await answer.json().catch(() => ({}))
    throw new Refused(said.error?.message ?? `The portal answered ${answer.status}: try again.`, answer.status)
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {any} [body]
 */
export const call = async (method, path, body) => (await send(method, path, body)).json()

/**
 * Fetch a file, in pieces that an answer can hold.
 * @param {string} path
 * @returns {Promise<{type: string, bytes: ArrayBuffer}>}
 */
export async function file(path) {
  const piece = (/** @type {number} */ from) =>
    send('GET', path, undefined, { Accept: 'application/octet-stream', Range: `bytes=${from}-${from + PIECE - 1}` })
  const first = await piece(0)
  const size = Number((first.headers.get('Content-Range') ?? '').split('/')[1] ?? 0)
  const rest = []
  for (let from = PIECE; from < size; from += PIECE) rest.push(piece(from))
  const parts = await Promise.all([first, ...(await Promise.all(rest))].map((each) => each.arrayBuffer()))
  return { type: first.headers.get('Content-Type') ?? '', bytes: await new Blob(parts).arrayBuffer() }
}
