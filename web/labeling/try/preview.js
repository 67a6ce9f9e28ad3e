/** Shows one template with data of its author's own, and the answer that a worker would submit. */
import { fetched, show } from '/host.js'

const at = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id))
/** @type {Record<string, (detail: any) => string | undefined>} */
const NOTES = {
  error: (detail) => detail,
  refused: (detail) => detail,
  blocked: ({ what }) => `${what} is not loaded: a template has no network.`,
  lacking: (uri) => `${uri} is not among the data.`,
  written: (there) =>
    there ? undefined : 'The template names no crowd-html-elements.js, so that its elements stay dead.',
}

async function start() {
  const main = document.querySelector('main')
  if (!main) return
  main.replaceChildren()
  delete main.dataset.ready
  const [task] = await (await fetch('/tasks')).json()
  document.title = task.name
  at('notes').replaceChildren()
  show(main, { ...task, media: await fetched(task.media) }, (type, detail) => {
    if (type === 'ready') main.dataset.ready = ''
    if (type === 'answer') {
      at('answer').textContent = JSON.stringify(detail, null, 2)
      fetch('/results', { method: 'POST', body: JSON.stringify({ name: task.name, answer: detail }) })
    }
    const note = NOTES[type]?.(detail)
    if (!note) return
    const item = document.createElement('li')
    item.textContent = note
    at('notes').append(item)
  })
}

at('again').addEventListener('click', start)
start()
