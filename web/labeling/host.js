/** The page's end of a frame: hands a task in, and hears what the template does. */

/**
 * @typedef {{template: string, input: any, media: {uri: string, type: string, bytes: ArrayBuffer}[], draft?: any,
 *   keys?: Record<string, string[]>}} Task
 * @typedef {(type: string, detail: any) => void} Hear
 */

/**
 * Show a task in a new frame inside of `place`; what the frame says goes to `hear`.
 * @param {HTMLElement} place
 * @param {Task} task
 * @param {Hear} hear
 * @returns {HTMLIFrameElement}
 */
export function show(place, task, hear) {
  const frame = document.createElement('iframe')
  frame.setAttribute('sandbox', 'allow-scripts allow-forms')
  frame.title = 'Task'
  frame.src = new URL('frame.html', import.meta.url).href
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = ({ data }) => {
    const elsewhere = document.activeElement?.matches('input, textarea') || frame.closest('[inert]')
    if (data.type === 'ready' && !elsewhere) frame.focus() // keys are the task's
    hear(data.type, data.detail)
  }
  const handed = (/** @type {MessageEvent} */ event) => {
    if (event.source !== frame.contentWindow) return
    removeEventListener('message', handed)
    frame.contentWindow?.postMessage(null, '*', [port2]) // its origin is opaque: there is no other name for it
    port1.postMessage({ type: 'task', ...task })
  }
  addEventListener('message', handed)
  place.append(frame)
  return frame
}

/**
 * Fetch media, as bytes: the frame sees no address.
 * @param {{uri: string, url: string}[]} media
 */
export async function fetched(media) {
  return Promise.all(
    media.map(async ({ uri, url }) => {
      const answer = await fetch(url)
      if (!answer.ok) throw new Error(`${uri} cannot be read: ${answer.status}.`)
      return { uri, type: answer.headers.get('Content-Type') ?? '', bytes: await answer.arrayBuffer() }
    }),
  )
}
