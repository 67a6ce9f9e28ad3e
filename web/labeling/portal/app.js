/** The portal: what a person who labels sees, from signing in to the last task. */
import { call, network, Refused } from './api.js'
import { forget } from './drafts.js'
import { changed, draw, load, ofPage, reset } from './keys.js'
import { Lead } from './lead.js'
import { Questions } from './questions.js'
import { leave } from './session.js'
import { submitUnheard, Work } from './work.js'

const at = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id))
const say = (/** @type {string} */ sentence) => {
  at('said').textContent = sentence
}
/** @type {Work | undefined} */
let work
/** @type {Lead | undefined} */
let lead
let leads = false
const questions = new Questions((fresh) => {
  at('asked').hidden = !questions.found.length
  questions.beside(at('told'), work?.current?.task)
  if (fresh.length) say(`Your question was answered: ${fresh[0].answer}`)
})

/**
 * Name what is shown now.
 * @param {string} title
 * @param {boolean} working
 */
function head(title, working) {
  at('title').textContent = title
  document.title = title
  say('')
  at('jobs').hidden = !work && !lead
  at('tools').hidden = !work
  at('leave').hidden = Boolean(work)
  at('lead').hidden = !leads || Boolean(work) || Boolean(lead)
  questions.beside(at('told'), working ? work?.current?.task : undefined)
  for (const id of ['skip', 'ask']) at(id).disabled = !working
}

/**
 * Do something; what is refused is said.
 * @param {() => Promise<void>} what
 */
async function tried(what) {
  try {
    await what()
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    say(error.message)
  }
}

/**
 * Open a dialog; return which button closed it, empty where it was left.
 * @param {string} id
 * @returns {Promise<string>}
 */
function choice(id) {
  const dialog = at(id)
  dialog.returnValue = ''
  if (document.querySelector('dialog[open]')) return Promise.resolve('')
  dialog.showModal()
  return new Promise((done) =>
    dialog.addEventListener(
      'close',
      () => {
        work?.current?.frame?.focus()
        done(dialog.returnValue)
      },
      { once: true },
    ),
  )
}

/** @type {Record<string, () => Promise<void>>} */
const COMMANDS = {
  back: () => tried(async () => work?.back()),
  skip: async () => {
    if (!work?.current) return
    const reason = await choice('skipping')
    if (reason) await tried(async () => work?.decline(reason))
  },
  ask: async () => {
    if (!work?.current) return
    const field = at('asking').querySelector('textarea')
    const asked = await choice('asking')
    const text = field.value.trim()
    if (!asked || !text) return
    await tried(async () => {
      await work?.ask(text)
      field.value = ''
      say('Your question is with who leads the job.')
      await questions.load()
    })
  },
  help: async () => {
    draw(at('keys'), say)
    await choice('helping')
  },
}

/** @param {any} event a key in the page or in the task */
function key(event) {
  const command = ofPage(event)
  if (command && !document.querySelector('dialog[open]')) COMMANDS[command]()
}

/**
 * Say something in the place of tasks, and what can be done about it.
 * @param {string} sentence
 * @param {string} button
 * @param {() => void} pressed
 */
function instead(sentence, button, pressed) {
  const made = document.createElement('section')
  const text = document.createElement('p')
  text.textContent = sentence
  const again = document.createElement('button')
  again.type = 'button'
  again.className = 'primary'
  again.textContent = button
  again.onclick = () => {
    made.remove()
    pressed()
  }
  made.append(text, again)
  at('place').append(made)
  again.focus()
}

/** Show the person's jobs. */
async function jobs() {
  work?.end()
  lead?.end()
  work = lead = undefined
  at('place').replaceChildren()
  const { jobs: found, why, leads: own } = await call('GET', 'tasks')
  leads = Boolean(own)
  head('Labeling', false)
  if (!found.length) return instead(why, 'Look again', () => tried(jobs))
  const list = document.createElement('ul')
  list.className = 'jobs'
  for (const job of found) list.append(card(job))
  at('place').append(list)
  list.querySelector('button')?.focus()
}

/** @param {{name: string, title: string, description: string, team: string, barred: string}} job */
function card(job) {
  const item = document.createElement('li')
  const title = document.createElement('h2')
  title.textContent = job.title
  const text = document.createElement('p')
  text.textContent = job.barred || job.description
  const team = document.createElement('p')
  team.className = 'team'
  team.textContent = `${job.name} · team ${job.team}`
  const start = document.createElement('button')
  start.type = 'button'
  start.className = 'primary'
  start.textContent = 'Start'
  start.setAttribute('aria-label', `Start ${job.title}`)
  start.onclick = () => tried(() => begin(job))
  item.append(title, text, team, start)
  return item
}

/** @param {{name: string, title: string}} job */
async function begin(job) {
  at('place').replaceChildren()
  const doing = new Work(at('place'), job.name, changed, {
    say,
    key,
    tried,
    seen: (task) => head(task.title, true),
    none: (why) => {
      head(job.title, false)
      instead(why, 'Look again', () => tried(() => doing.next()))
    },
  })
  work = doing
  head(job.title, false)
  await doing.next()
}

at('lead').onclick = () => {
  at('place').replaceChildren()
  lead = new Lead(at('place'), { say, tried, head: (title) => head(title, false) })
  tried(() => /** @type {Lead} */ (lead).jobs())
}
at('asked').onclick = async () => {
  questions.draw(at('answers'))
  await choice('answering')
}
for (const command of ['back', 'skip', 'ask', 'help']) at(command).onclick = () => COMMANDS[command]()
at('jobs').onclick = () => tried(jobs)
at('usual').onclick = () => reset(at('keys'), say)
at('leave').onclick = async () => {
  await forget()
  leave()
  location.reload()
}
addEventListener('keydown', (event) => {
  const typing = /** @type {any} */ (event.target).matches?.('input, textarea')
  if (!typing) key(Object.assign(event, { used: event.defaultPrevented }))
})
network.addEventListener('change', (event) => {
  at('network').hidden = /** @type {CustomEvent} */ (event).detail
})

await tried(async () => {
  await load()
  await submitUnheard(say)
  await jobs()
  await questions.load()
})
