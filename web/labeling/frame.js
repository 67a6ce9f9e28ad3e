/** The frame of a template: has no origin, no network and no way out but the port that the page hands it. */
import './lockdown.js'

import { channel, typing } from './elements/base.js'
import { draft, restore } from './elements/form.js'
import { change } from './elements/keys.js'
import { render } from './template.js'

/** @typedef {{uri: string, type: string, bytes: ArrayBuffer}} Medium */

/** @param {MessageEvent} event the first message of the page, with its port */
function receive(event) {
  const [port] = event.ports
  if (event.source !== parent || !port) return
  removeEventListener('message', receive)
  port.onmessage = ({ data }) => (data.type === 'task' ? start(port, data) : undefined)
}

/**
 * @param {MessagePort} port
 * @param {{template: string, input: any, media: Medium[], draft?: any, keys?: Record<string, string[]>}} task
 */
async function start(port, task) {
  const tell = (/** @type {string} */ type, /** @type {any} */ detail = null) => port.postMessage({ type, detail })
  change(task.keys ?? {})
  const media = new Map(
    task.media.map(({ uri, type, bytes }) => [uri, URL.createObjectURL(new Blob([bytes], { type }))]),
  )
  let page
  try {
    page = await render(task.template, task.input, (uri) => {
      if (!media.has(uri)) tell('lacking', uri)
      return media.get(uri) ?? ''
    })
  } catch (error) {
    tell('unrendered')
    return tell('error', `The template is no valid Liquid: ${error instanceof Error ? error.message : error}.`)
  }
  channel.addEventListener('ready', async () => {
    await Promise.all([...document.querySelectorAll('[data-tool]')].map((each) => /** @type {any} */ (each).loaded))
    if (task.draft) restore(task.draft)
    tell('ready')
  })
  for (const type of ['answer', 'refused'])
    channel.addEventListener(type, (event) => tell(type, /** @type {CustomEvent} */ (event).detail))
  channel.addEventListener('draft', () => tell('draft', draft()))
  document.open() // which ends all listeners, so that those of errors come after
  addEventListener('error', (event) => event instanceof ErrorEvent && tell('error', event.message), { capture: true })
  addEventListener('unhandledrejection', ({ reason }) => tell('error', String(reason?.message ?? reason)))
  document.addEventListener('securitypolicyviolation', (event) =>
    tell('blocked', { directive: event.effectiveDirective, what: event.blockedURI }),
  )
  addEventListener('keydown', (event) => {
    const { key, code, ctrlKey, altKey, metaKey, shiftKey } = event
    const used = event.defaultPrevented || typing()
    tell('key', { key, code, ctrlKey, altKey, metaKey, shiftKey, used })
  })
  addEventListener('DOMContentLoaded', () => {
    document.title ||= 'Task'
    document.documentElement.lang ||= 'en'
  })
  addEventListener('load', () => tell('written', document.querySelector('script[src*="crowd-html-elements"]') !== null))
  document.write(page)
  document.close()
}

addEventListener('message', receive)
parent.postMessage({ type: 'frame' }, '*')
