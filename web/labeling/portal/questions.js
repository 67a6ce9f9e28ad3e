/** What the person asked, and what who leads the job answered: it is shown where it was asked. */
import { call, Refused } from './api.js'
import { el, moment } from './dom.js'

const AGAIN = 60_000 // milliseconds until it is asked for again, while the page is seen

/** @typedef {{id: string, task: string, title: string, text: string, asked: number, answer: string, answered: number}} Question */

export class Questions {
  /** @type {Question[]} */
  found = []

  /** @param {(fresh: Question[]) => void} changed gets what was answered since the last time */
  constructor(changed) {
    this.changed = changed
    const seen = () => document.visibilityState === 'visible' && this.load()
    setInterval(seen, AGAIN)
    document.addEventListener('visibilitychange', seen)
  }

  async load() {
    try {
      const before = new Set(this.found.filter((each) => !each.answer).map((each) => each.id))
      this.found = (await call('GET', 'me/questions')).questions
      this.changed(this.found.filter((each) => each.answer && before.has(each.id)))
    } catch (error) {
      if (!(error instanceof Refused)) throw error // what is refused is asked for again
    }
  }

  /** @param {HTMLElement} list */
  draw(list) {
    list.replaceChildren(
      ...this.found.flatMap((each) => [
        el('dt', {}, each.text),
        el(
          'dd',
          {},
          each.answer || 'Not answered yet.',
          el('br'),
          el('small', {}, `${each.title}, ${moment(each.asked)}`),
        ),
      ]),
    )
  }

  /**
   * Say beside a task what its person was told about it.
   * @param {HTMLElement} place
   * @param {{id: string, note?: string} | undefined} task
   */
  beside(place, task) {
    const answered = task ? this.found.filter((each) => each.task === task.id && each.answer) : []
    const told = answered.map((each) => el('p', {}, el('strong', {}, `You asked: ${each.text} `), each.answer))
    if (task?.note) told.unshift(el('p', {}, el('strong', {}, 'Sent back to you: '), task.note))
    place.replaceChildren(...told)
    place.hidden = !told.length
  }
}
