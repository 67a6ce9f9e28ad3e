/** The page of who leads jobs: how each goes, who is wrong about what, and what can be done about it. */
import { call, file, Refused } from './api.js'
import { button, el, moment, percent, table } from './dom.js'

const STAGES = ['open', 'waiting', 'answered', 'labeled', 'failed']
const UNREAD = 1500 // milliseconds until a job is asked for again that was not read to its end
const at = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id))
const place = (/** @type {string} */ job, /** @type {string} */ id) =>
  `lead/jobs/${encodeURIComponent(job)}/objects/${encodeURIComponent(id)}`

/**
 * Have something written; return it, empty where it was left.
 * @param {string} title
 * @param {string} what
 * @param {string} done
 * @param {string} [text] to begin with
 * @returns {Promise<string>}
 */
function written(title, what, done, text = '') {
  const dialog = at('writing')
  const field = dialog.querySelector('textarea')
  at('writing-title').textContent = title
  at('writing-what').textContent = what
  at('writing-done').textContent = done
  field.value = text
  dialog.returnValue = ''
  dialog.showModal()
  return new Promise((given) =>
    dialog.addEventListener('close', () => given(dialog.returnValue ? field.value.trim() : ''), { once: true }),
  )
}

/** @param {any} answer as its element submits it */
function said(answer) {
  const value = answer && Object.values(answer)[0]
  if (value && typeof value.label === 'string') return value.label
  if (value && Array.isArray(value.labels)) return value.labels.join(', ') || 'none'
  return answer ? JSON.stringify(answer) : ''
}

/** @param {{right: number, of: number} | undefined} share */
const of = (share) => (share?.of ? `${share.right} of ${share.of}` : '–')

export class Lead {
  #ended = false
  #job = ''
  #tab = 'Progress'
  #rate = ''
  /** What the server says of the job. @type {any} */
  #found
  /** @type {string[]} */
  #pictures = []

  /**
   * @param {HTMLElement} main
   * @param {{say: (sentence: string) => void, tried: (what: () => Promise<void>) => Promise<void>, head: (title: string) => void}} page
   */
  constructor(main, page) {
    this.main = main
    this.page = page
  }

  /** Let go of pictures. */
  end() {
    this.#ended = true
    this.#forget()
  }

  #forget() {
    for (const url of this.#pictures.splice(0)) URL.revokeObjectURL(url)
  }

  /** @param {...any} children */
  #show(...children) {
    if (this.#ended) return
    this.#forget()
    this.main.replaceChildren(el('div', { class: 'lead' }, ...children))
  }

  /** Show all jobs. */
  async jobs() {
    const { jobs } = await call('GET', 'lead/jobs')
    this.page.head('Jobs that you lead')
    const rows = jobs.map((/** @type {any} */ job) => [
      button(job.name, () => this.page.tried(() => this.open(job.name))),
      job.title,
      job.team,
      job.stopping && !job.ended ? `${job.state}: ${job.stopping}` : job.state,
      job.total,
      job.questions ? `${job.questions} to answer` : '',
    ])
    this.#show(
      rows.length
        ? table('Jobs', ['Job', 'Title', 'Team', 'State', 'Objects', 'Questions'], rows)
        : el('p', {}, 'There is no job yet: mdlc labels create makes one.'),
    )
    this.main.querySelector('button')?.focus()
  }

  /**
   * Open a job.
   * @param {string} name
   */
  async open(name) {
    this.#job = name
    this.#tab = 'Progress'
    await this.#load()
  }

  /** Ask anew how the job goes, and show it. */
  async #load() {
    const rate = this.#rate ? `?rate=${encodeURIComponent(this.#rate)}` : ''
    this.#found = await call('GET', `lead/jobs/${encodeURIComponent(this.#job)}${rate}`)
    await this.#draw()
    if (this.#found.unread) setTimeout(() => this.#again(), UNREAD)
  }

  #again() {
    if (!this.#ended) this.page.tried(() => this.#load())
  }

  /** Show the part of the job that was chosen. */
  async #draw() {
    const found = this.#found
    this.page.head(found.title)
    /** @type {Record<string, () => Node | Promise<Node>>} */
    const parts = {
      Progress: () => this.#progress(),
      People: () => this.#people(),
      Classes: () => this.#classes(),
      Disagreements: () => this.#disagreements(),
      Objects: () => this.#objects('open', ''),
      Questions: () => this.#questions(),
    }
    const tabs = Object.keys(parts).map((name) =>
      button(
        name,
        () => {
          this.#tab = name
          this.page.tried(() => this.#draw())
        },
        { 'aria-current': name === this.#tab ? 'page' : undefined },
      ),
    )
    const part = await parts[this.#tab]()
    this.#show(
      el(
        'nav',
        { 'aria-label': 'About the job' },
        ...tabs,
        button('Look again', () => this.#again()),
      ),
      found.unread ? el('p', {}, `${found.unread} objects are still being read: the figures are of the others.`) : null,
      part,
    )
    this.main.querySelector(/** @type {any} */ ('[aria-current]'))?.focus()
  }

  #progress() {
    const { progress, state, stopping, ended } = this.#found
    const { forecast, stages } = progress
    const counts = STAGES.filter((each) => stages[each]).map((each) => `${stages[each]} ${each}`)
    const given = `${progress.answers} answers are given, ${progress.missing} are wanted, ${progress.held} are being given.`
    return el(
      'section',
      {},
      el('h2', {}, ended ? `The job is ${state}` : 'When will it end?'),
      el('progress', { max: 1, value: progress.share, 'aria-label': 'Share of the answers that are given' }),
      el('p', {}, `${given} Of ${progress.objects} objects: ${counts.join(', ')}.`),
      !ended && forecast.ends
        ? el('p', {}, el('strong', {}, `At this pace it ends at ${moment(forecast.ends)}`), this.#between(forecast))
        : null,
      ended ? null : el('p', {}, forecast.why),
      progress.closing && !ended
        ? el('p', { class: 'warn' }, `${progress.closing} open objects are closed before that: more people would do.`)
        : null,
      stopping && !ended ? el('p', { class: 'warn' }, `Nobody is given anything new: ${stopping}`) : null,
      el('h2', {}, 'How good are the labels, and what do they cost?'),
      this.#quality(),
    )
  }

  /** @param {{earliest: number, latest: number | null}} forecast */
  #between({ earliest, latest }) {
    return `, between ${moment(earliest)} and ${latest ? moment(latest) : 'nobody knows when'}.`
  }

  #quality() {
    const found = this.#found
    if (found.unmeasured) return el('p', {}, found.unmeasured)
    const rate = el('input', { inputmode: 'decimal', value: this.#rate, name: 'rate' })
    const cost = found.usd_of_a_correct_label
    const facts = [
      ['Agreement beyond chance', found.alpha === null ? '–' : found.alpha.toFixed(2)],
      ['Labels that are right, estimated', percent(found.accuracy)],
      ['Seconds a task', found.seconds === null ? '–' : found.seconds.toFixed(1)],
      ['A correct label', cost === null ? '–' : `${cost.toFixed(4)} USD`],
    ]
    if (found.overlap !== null) facts.splice(1, 0, ['Marks in common', percent(found.overlap)])
    return el(
      'div',
      {},
      el(
        'dl',
        { class: 'facts' },
        ...facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))),
      ),
      el(
        'form',
        {
          class: 'row',
          submit: (/** @type {Event} */ event) => {
            event.preventDefault()
            this.#rate = rate.value.trim()
            this.#again()
          },
        },
        el('label', {}, "An hour of a person's work costs, in USD", rate),
        el('button', { type: 'submit' }, 'Reckon'),
      ),
    )
  }

  #people() {
    const { people, known } = this.#found
    const rows = people.map((/** @type {any} */ each) => {
      const work = each.work ?? { reasons: {} }
      const reasons = Object.entries(work.reasons).map(([reason, times]) => `${times} ${reason}`)
      const suspect = each.barred ? `Paused: ${each.barred}` : (each.paused ?? '')
      return [
        each.name,
        each.answers ?? work.answers ?? 0,
        each.accuracy === undefined ? '–' : percent(each.accuracy),
        of(each.gold),
        of(each.agreement),
        each.seconds === undefined || each.seconds === null ? '–' : each.seconds.toFixed(1),
        work.an_hour ? Math.round(work.an_hour) : '–',
        reasons.join(', ') || '–',
        work.expired || '–',
        el(
          'div',
          {},
          suspect ? el('p', { class: 'warn' }, suspect) : null,
          each.barred
            ? button('Let work on', () => this.#resume(each), { 'aria-label': `Let work on: ${each.name}` })
            : button('Pause', () => this.#pause(each), { 'aria-label': `Pause ${each.name}` }),
        ),
      ]
    })
    const heads = ['Person', 'Answers', 'Right', 'Known ones', 'Agreement', 'Seconds', 'An hour', 'Skips', 'Let go', '']
    const wrong = people.filter((/** @type {any} */ each) => each.confusions?.length)
    return el(
      'section',
      {},
      el('h2', {}, 'Who does what, and how well?'),
      known
        ? null
        : el('p', {}, 'No object of known label is among these: the tag mdlc:known of the request names them.'),
      rows.length ? table('People', heads, rows) : el('p', {}, 'Nobody has taken up a task yet.'),
      ...wrong.flatMap((/** @type {any} */ each) => [
        el('h3', {}, `${each.name} takes`),
        this.#pairs(each.confusions.slice(0, 4)),
      ]),
    )
  }

  /** @param {any} person */
  async #pause(person) {
    const reason = await written(
      `Pause ${person.name}`,
      'Why, in a sentence that they read',
      'Pause',
      person.paused ?? 'Your answers are looked at first.',
    )
    if (reason) await this.#change(`lead/people/${encodeURIComponent(person.worker)}/pause`, { reason })
  }

  /** @param {any} person */
  #resume(person) {
    return this.#change(`lead/people/${encodeURIComponent(person.worker)}/resume`)
  }

  /**
   * Change something, and show what has become of it.
   * @param {string} path
   * @param {any} [body]
   * @param {() => Promise<void>} [then]
   */
  #change(path, body, then = () => this.#load()) {
    return this.page.tried(async () => {
      await call('POST', path, body)
      await then()
      this.page.say('Done.')
    })
  }

  #classes() {
    const { classes, confusions, unmeasured } = this.#found
    if (unmeasured) return el('section', {}, el('h2', {}, 'Classes'), el('p', {}, unmeasured))
    const rows = classes.map((/** @type {any} */ each) => [
      each.class,
      each.objects,
      percent(each.found),
      percent(each.trusted),
    ])
    return el(
      'section',
      {},
      el('h2', {}, 'What is taken for what?'),
      table('Classes', ['Class', 'Objects', 'Answers about it that say so', 'Answers that say so and are right'], rows),
      el('h3', {}, 'Pairs'),
      confusions.length ? this.#pairs(confusions.slice(0, 12)) : el('p', {}, 'Nothing is taken for anything else.'),
    )
  }

  /** @param {any[]} pairs */
  #pairs(pairs) {
    return el(
      'ul',
      { class: 'cards' },
      ...pairs.map((pair) =>
        el(
          'li',
          {},
          el('strong', {}, `${pair.actual} for ${pair.said}, ${pair.times.toFixed(1)} times`),
          el('div', { class: 'pictures' }, ...pair.objects.map((/** @type {string} */ id) => this.#thumbnail(id))),
        ),
      ),
    )
  }

  /**
   * Show what an object is of; pressed, it shows what people said about it.
   * @param {string} id
   */
  #thumbnail(id) {
    const source = this.#found.sources?.[id] ?? ''
    const shown = button('', () => this.page.tried(() => this.#object(id)), {
      class: 'shown',
      'aria-label': `Object ${id}: ${source.slice(0, 80)}`,
    })
    shown.append(el('span', { class: 'quote' }, source.startsWith('s3:') ? `Object ${id}` : source.slice(0, 160)))
    if (source.startsWith('s3:')) this.#picture(id, shown)
    return shown
  }

  /**
   * Put the picture of an object in place of its name, if it has one that can be read.
   * @param {string} id
   * @param {HTMLElement} into
   */
  async #picture(id, into) {
    try {
      const { type, bytes } = await file(`${place(this.#job, id)}/media/0`)
      if (!type.startsWith('image/') || this.#ended) return
      const url = URL.createObjectURL(new Blob([bytes], { type }))
      this.#pictures.push(url)
      into.replaceChildren(el('img', { src: url, alt: `Object ${id}` }))
    } catch (error) {
      if (!(error instanceof Refused)) throw error // its name stays
    }
  }

  #disagreements() {
    const { disagreements, unmeasured } = this.#found
    const cards = disagreements.map((/** @type {any} */ each) =>
      el(
        'li',
        {},
        this.#thumbnail(each.object),
        el('strong', {}, `${each.class}, ${percent(each.probability)} sure`),
        el(
          'span',
          {},
          Object.entries(each.answers)
            .map(([name, times]) => `${times} × ${name}`)
            .join(', '),
        ),
        button('Ask one more', () => this.#change(`${place(this.#job, each.object)}/reopen`, { more: 1 }), {
          'aria-label': `Ask one more about object ${each.object}`,
        }),
      ),
    )
    return el(
      'section',
      {},
      el('h2', {}, 'About which objects do people disagree?'),
      unmeasured ? el('p', {}, unmeasured) : null,
      cards.length ? el('ul', { class: 'cards' }, ...cards) : el('p', {}, 'About none so far.'),
    )
  }

  /**
   * @param {string} stage
   * @param {string} after
   */
  async #objects(stage, after) {
    const asked = `lead/jobs/${encodeURIComponent(this.#job)}/objects?stage=${stage}&after=${encodeURIComponent(after)}`
    const { objects, more } = await call('GET', asked)
    const section = el('section')
    const go = (/** @type {string} */ to, /** @type {string} */ from) =>
      this.page.tried(async () => section.replaceWith(await this.#objects(to, from)))
    const choice = el(
      'select',
      { change: (/** @type {any} */ event) => go(event.target.value, '') },
      ...STAGES.map((each) => el('option', { value: each, selected: each === stage }, each)),
    )
    const rows = objects.map((/** @type {any} */ each) => [
      button(each.object, () => this.page.tried(() => this.#object(each.object)), {
        'aria-label': `Object ${each.object}`,
      }),
      el('span', { class: 'quote' }, each.source.slice(0, 120)),
      el('span', { class: 'quote' }, each.why),
      el(
        'div',
        { class: 'row' },
        ...each.holders.map((/** @type {any} */ holder) =>
          button(
            `Take from ${holder.name}`,
            () =>
              this.#change(`${place(this.#job, each.object)}/release`, { worker: holder.worker }, () =>
                go(stage, after),
              ),
            { 'aria-label': `Take from ${holder.name}: object ${each.object}` },
          ),
        ),
      ),
    ])
    section.append(
      el('h2', {}, 'What keeps objects from their labels?'),
      el('div', { class: 'row' }, el('label', {}, 'Objects that are', choice)),
      rows.length
        ? table('Objects', ['Object', 'What it is', 'Why', ''], rows)
        : el('p', {}, `No object is ${stage} now.`),
      more ? button('More', () => go(stage, more)) : '',
    )
    return section
  }

  /**
   * Show what people said about an object.
   * @param {string} id
   */
  async #object(id) {
    const found = await call('GET', place(this.#job, id))
    const again = () => this.#object(id)
    const rows = found.answers.map((/** @type {any} */ each) => [
      each.name,
      each.state,
      el('span', { class: 'quote' }, said(each.answer) || each.reason),
      each.seconds,
      each.state === 'submitted'
        ? button('Send back', () => this.#sendBack(id, each, again), {
            'aria-label': `Send back: ${each.name}'s answer`,
          })
        : each.state === 'held'
          ? button('Take', () => this.#change(`${place(this.#job, id)}/release`, { worker: each.worker }, again), {
              'aria-label': `Take: from ${each.name}`,
            })
          : '',
    ])
    const picture = el(
      'div',
      {},
      found.source.startsWith('s3:') ? found.source : el('p', { class: 'quote' }, found.source),
    )
    this.#show(
      button('Back', () => this.page.tried(() => this.#draw())),
      el(
        'section',
        { class: 'object' },
        el('h2', {}, `Object ${id}`),
        el('p', {}, found.why),
        picture,
        rows.length ? table('Answers', ['Person', 'State', 'Answer', 'Seconds', ''], rows) : null,
        button('Ask one more', () => this.#change(`${place(this.#job, id)}/reopen`, { more: 1 }, again)),
      ),
    )
    if (found.media) this.#picture(id, picture)
    this.main.querySelector('button')?.focus()
  }

  /**
   * @param {string} id
   * @param {any} answer
   * @param {() => Promise<void>} then
   */
  async #sendBack(id, answer, then) {
    const note = await written(`Send it back to ${answer.name}`, 'What they should look at', 'Send back')
    if (note) await this.#change(`${place(this.#job, id)}/send-back`, { worker: answer.worker, note }, then)
  }

  async #questions() {
    const { questions } = await call('GET', `lead/jobs/${encodeURIComponent(this.#job)}/questions`)
    return el(
      'section',
      {},
      el('h2', {}, 'What do people ask?'),
      questions.length
        ? el('ul', { class: 'cards' }, ...questions.map((/** @type {any} */ each) => this.#question(each)))
        : el('p', {}, 'Nobody has asked anything.'),
    )
  }

  /** @param {any} question */
  #question(question) {
    const answered = async () => {
      const text = await written('Answer', question.text, 'Answer', question.answer)
      const path = `lead/jobs/${encodeURIComponent(this.#job)}/questions/${question.id}/answer`
      if (text) await this.#change(path, { text }, () => this.#draw())
    }
    return el(
      'li',
      {},
      el('strong', {}, question.text),
      el('span', {}, `${question.name}, ${moment(question.asked)}`),
      question.answer ? el('p', {}, question.answer) : null,
      el(
        'div',
        { class: 'row' },
        button(question.answer ? 'Answer anew' : 'Answer', answered, {
          'aria-label': `${question.answer ? 'Answer anew' : 'Answer'}: ${question.text.slice(0, 80)}`,
        }),
        button('Show the object', () => this.page.tried(() => this.#object(question.object)), {
          'aria-label': `Show the object: ${question.object}`,
        }),
      ),
    )
  }
}
