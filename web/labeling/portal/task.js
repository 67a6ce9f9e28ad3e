/** A task in its frame: unseen while another is worked on, then in hand, with drafts kept and signs of life given. */
import { KEYS } from '../elements/keys.js'
import { show } from '../host.js'
import { call, file, Refused } from './api.js'
import { keep, kept } from './drafts.js'

const SAVED = 5000 // milliseconds between drafts that the server gets

/**
 * @typedef {{id: string, job: string, title: string, description: string, template: string, input: any, draft?: any, note?: string,
 *   categories: string[], heartbeat: number, media: {n: number, uri: string}[]}} Task
 * @typedef {(type: string, detail: any) => void} Hear
 */

/** @param {Task} task */
export const path = (task) => `tasks/${encodeURIComponent(task.id)}`

export class Shown {
  /** What was entered, as the frame hands it over. @type {any} */
  state
  /** What is wrong with it, for when it is in hand. */
  trouble = ''
  /** Whether the template is none with this input. */
  unrendered = false
  #saving = 0
  #beating = 0
  #worked = 0

  /**
   * @param {Task} task
   * @param {Hear} hear
   */
  constructor(task, hear) {
    this.task = task
    this.hear = hear
    this.place = document.createElement('div')
    this.hide()
  }

  /**
   * Open the frame, which is ready when this is done.
   * @param {HTMLElement} place
   * @param {Record<string, string[]>} keys
   */
  async open(place, keys) {
    place.append(this.place)
    const { task } = this
    const own = await kept('drafts', task.id)
    const draft = own && !own.heard ? own.state : (task.draft ?? own?.state)
    this.state = draft
    const media = (await Promise.all(task.media.map((each) => this.#fetch(each)))).filter((each) => each !== undefined)
    const ours = Object.fromEntries(Object.entries(keys).filter(([command]) => command in KEYS))
    await new Promise((ready) => {
      this.frame = show(this.place, { ...task, media, draft, keys: ours }, (type, detail) => {
        if (type === 'ready' || type === 'error') ready(undefined)
        if (type === 'unrendered') this.unrendered = true
        if (type === 'draft') this.#save(detail)
        this.hear(type, detail)
      })
    })
    this.#beating = window.setInterval(() => this.#beat(), task.heartbeat * 1000)
  }

  /** Whether it is in hand. */
  get seen() {
    return !this.place.inert
  }

  /** Take it in hand: keys go to it. */
  see() {
    this.place.inert = false
    this.place.className = ''
    this.#worked = performance.now()
    this.frame?.focus()
  }

  /** Put it aside, loaded as it is. */
  hide() {
    this.place.inert = true
    this.place.className = 'ahead'
  }

  close() {
    clearTimeout(this.#saving)
    clearInterval(this.#beating)
    this.place.remove()
  }

  /** Seconds of work since the last time that this was asked. */
  worked() {
    if (!this.seen) return 0
    const now = performance.now()
    const seconds = document.visibilityState === 'visible' ? (now - this.#worked) / 1000 : 0
    this.#worked = now
    return Math.round(seconds * 10) / 10
  }

  /** @param {{n: number, uri: string}} medium */
  async #fetch({ n, uri }) {
    try {
      return { uri, ...(await file(`${path(this.task)}/media/${n}`)) }
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      this.hear('refusal', error)
      return undefined
    }
  }

  /** @param {any} state */
  async #save(state) {
    this.state = state
    await keep('drafts', this.task.id, { state, heard: false })
    if (!this.seen) return
    this.#saving ||= window.setTimeout(() => this.#send(), SAVED)
  }

  async #send() {
    const { state } = this
    await this.#tell('PUT', 'draft', { draft: state, seconds: this.worked() })
    this.#saving = 0
    if (!this.place.isConnected) return // it was submitted meanwhile
    if (state === this.state) await keep('drafts', this.task.id, { state, heard: true })
    else this.#saving = window.setTimeout(() => this.#send(), SAVED)
  }

  async #beat() {
    if (document.visibilityState === 'visible') await this.#tell('POST', 'heartbeat', { seconds: this.worked() })
  }

  /**
   * @param {string} method
   * @param {string} what
   * @param {any} body
   */
  async #tell(method, what, body) {
    try {
      await call(method, `${path(this.task)}/${what}`, body)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      if (this.place.isConnected) this.hear('refusal', error)
    }
  }
}
