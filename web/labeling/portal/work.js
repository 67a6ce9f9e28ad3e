/** The loop of tasks: one is in hand while the next is there already, unseen. */
import { call, Refused } from './api.js'
import { drop, keep, kept, unheard } from './drafts.js'
import { path, Shown } from './task.js'

/** @typedef {import('./task.js').Task} Task */

/** Tasks that were answered or given back here, while the server may not know it yet. @type {Set<string>} */
const over = new Set()

/** Works through the tasks of a job. */
export class Work {
  /** @type {Shown | undefined} */
  current
  /** The next task in its frame; nothing where there was none. @type {Promise<Shown | undefined> | undefined} */
  #ahead
  #why = ''
  #after = ''
  #ended = false
  /** The last answer on its way. @type {Promise<void>} */
  #sending = Promise.resolve()

  /**
   * @param {HTMLElement} place
   * @param {string} job
   * @param {Record<string, string[]>} keys
   * @param {{seen: (task: Task) => void, none: (why: string) => void, say: (sentence: string) => void, key: (detail: any) => void,
   *   tried: (work: () => Promise<void>) => Promise<void>}} page
   */
  constructor(place, job, keys, page) {
    this.place = place
    this.job = job
    this.keys = keys
    this.page = page
  }

  /** Go on: with what is there already, or with what comes. */
  async next() {
    const before = this.current
    this.current = undefined
    const found = await (this.#ahead ?? this.#fetch(before))
    this.#ahead = undefined
    if (this.#ended) found?.close()
    else if (found) this.#see(found)
    else this.page.none(this.#why)
    before?.close()
  }

  /** @param {Shown} shown */
  #see(shown) {
    this.current = shown
    shown.see()
    this.page.seen(shown.task)
    if (shown.trouble) this.page.say(shown.trouble)
    this.#prepare()
  }

  /** Have the next task there before it is wanted. */
  #prepare() {
    this.#ahead ??= this.#fetch(this.current)
    this.#ahead.catch(() => {
      this.#ahead = undefined // asked again when it is wanted, and said then
    })
  }

  /**
   * Return the next task, in its frame.
   * @param {Shown | undefined} beside a task that is held already
   * @returns {Promise<Shown | undefined>}
   */
  async #fetch(beside) {
    const held = new Set([...over, beside?.task.id].filter((each) => each !== undefined))
    const count = Math.min(held.size + 1, 5)
    const asked = `jobs/${encodeURIComponent(this.job)}/tasks/next?count=${count}&after=${encodeURIComponent(this.#after)}`
    const { tasks, why } = await call('POST', asked)
    const task = tasks.find((/** @type {Task} */ each) => !held.has(each.id))
    this.#why = why || 'Every task is done, or with somebody else: look again later.'
    if (!task) return undefined
    this.#after = task.id
    const shown = await this.#open(task)
    if (!shown.unrendered || !task.job.startsWith('reviews_')) return shown
    shown.close() // a review that nobody can see has failed: whoever waits for it hears why
    over.add(task.id)
    await call('POST', `${path(task)}/decline`, { reason: 'unrendered' })
    return this.#fetch(beside)
  }

  /** @param {Task} task */
  async #open(task) {
    const shown = new Shown(task, (type, detail) => this.#hear(shown, type, detail))
    await shown.open(this.place, this.keys)
    return shown
  }

  /**
   * @param {Shown} shown
   * @param {string} type
   * @param {any} detail
   */
  #hear(shown, type, detail) {
    if (type === 'answer' && shown === this.current) this.page.tried(() => this.answer(detail))
    if (type === 'key' && shown === this.current) this.page.key(detail)
    if (type === 'error' || type === 'refusal') this.#failed(shown, type === 'error' ? detail : detail.message)
  }

  /**
   * @param {Shown} shown
   * @param {string} sentence
   */
  #failed(shown, sentence) {
    if (shown === this.current) this.page.say(sentence)
    else shown.trouble = sentence
  }

  /** @param {any} answer of the task in hand */
  async answer(answer) {
    const { current } = this
    if (!current) return
    const { id } = current.task
    over.add(id)
    const given = { token: crypto.randomUUID(), answer, seconds: current.worked(), draft: current.state ?? null }
    const stored = keep('answers', id, given) // what closes the tab before this has the draft
    const going = this.next()
    await stored
    this.#sending = submit(id, this.page.say)
    await Promise.all([going, this.#sending])
  }

  /**
   * Give the task in hand back.
   * @param {string} reason
   */
  async decline(reason) {
    const { current } = this
    if (!current) return
    over.add(current.task.id)
    const going = this.next()
    await call('POST', `${path(current.task)}/decline`, { reason })
    over.delete(current.task.id)
    await drop('drafts', current.task.id)
    await going
  }

  /** @param {string} text for who leads the job */
  async ask(text) {
    if (this.current) await call('POST', `${path(this.current.task)}/question`, { text })
  }

  /** Open the task that was submitted last, as it was; the one in hand comes after it. */
  async back() {
    await this.#sending
    const { tasks } = await call('GET', 'me/history')
    const last = tasks.find((/** @type {Task} */ each) => each.job === this.job)
    if (!last) return this.page.say('Nothing that you have submitted here can be opened again.')
    const task = await call('POST', `me/history/${encodeURIComponent(last.id)}/reopen`)
    const opened = await this.#open(task)
    const { current } = this
    if (current) {
      this.#ahead?.then(
        (ahead) => ahead?.close(),
        () => {},
      ) // it is held, and comes again
      current.hide()
      this.#ahead = Promise.resolve(current)
    }
    this.#see(opened)
  }

  /** Close every frame. */
  end() {
    this.#ended = true
    this.current?.close()
    this.#ahead?.then(
      (ahead) => ahead?.close(),
      () => {},
    )
  }
}

/**
 * Send an answer that is kept; it goes away when it was heard, or can never be.
 * @param {string} id
 * @param {(sentence: string) => void} say
 */
async function submit(id, say) {
  const answer = await kept('answers', id)
  if (!answer) return
  try {
    await call('POST', `tasks/${encodeURIComponent(id)}/answer`, answer)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    say(error.message)
    await drop('answers', id)
    if (error.status !== 409) return // what was entered is kept, for when the task comes again
  }
  await drop('answers', id)
  await drop('drafts', id)
  over.delete(id)
}

/**
 * Send what was submitted before the tab was closed.
 * @param {(sentence: string) => void} say
 */
export async function submitUnheard(say) {
  for (const id of await unheard()) await submit(id, say)
}
