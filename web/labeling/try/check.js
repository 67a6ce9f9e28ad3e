/** Renders templates, some at a time, each in a frame of its own, and posts what each did. */
import { fetched, show } from '/host.js'

const AT_ONCE = 6
const SETTLED = 1300 // milliseconds after the elements are ready: templates put work off for up to a second
const SLOWEST = 15000

/** @param {any} task */
function look(task) {
  return new Promise((done) => {
    /** @type {Record<string, any[]>} */
    const heard = { error: [], refused: [], blocked: [], lacking: [] }
    let ready = false
    const place = document.body.querySelector('main') ?? document.body
    const end = () => {
      clearTimeout(limit)
      frame.remove()
      done({ name: task.name, ready, ...heard })
    }
    let limit = setTimeout(end, SLOWEST)
    const frame = show(place, task, (type, detail) => {
      heard[type]?.push(detail)
      if (type === 'ready') ready = true
      const over = type === 'ready' || (type === 'written' && !detail) || (type === 'error' && !ready)
      if (!over) return
      clearTimeout(limit)
      limit = setTimeout(end, SETTLED)
    })
  })
}

const tasks = await (await fetch('/tasks')).json()
const media = new Map(
  (await fetched(tasks.flatMap((/** @type {any} */ each) => each.media))).map((each) => [each.uri, each]),
)
const turn = tasks[Symbol.iterator]()
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (const task of turn) {
      const own = task.media.map((/** @type {any} */ each) => media.get(each.uri))
      const body = JSON.stringify(await look({ ...task, media: own }))
      await fetch('/results', { method: 'POST', body })
    }
  }),
)
await fetch('/end', { method: 'POST' })
