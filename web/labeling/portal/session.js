/** Who works: signing in, beginning a session anew, and signing in again over the page, which stays as it is. */
import { begin, respond } from './srp.js'

/** @type {{IdToken?: string, RefreshToken?: string}} */
let tokens = {}
/** @type {Promise<void> | undefined} */
let signing
const at = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id))

/** The token that requests carry; empty before somebody has signed in. */
export const token = () => tokens.IdToken ?? ''

/** The person's own id in the user pool, which is what their drafts are kept under. */
export const person = () => JSON.parse(atob(token().split('.')[1].replaceAll('-', '+').replaceAll('_', '/'))).sub

/** Make sure that the session goes on: without asking where it can be, else by a dialog over the page. */
export const renew = () => {
  signing ??= again().finally(() => {
    signing = undefined
  })
  return signing
}

/** End the session in this page. */
export function leave() {
  tokens = {}
}

/**
 * Do one step of a sign-in.
 * @param {any} body
 */
async function authenticate(body) {
  const headers = { 'Content-Type': 'application/json' }
  const answer = await fetch('auth', { method: 'POST', headers, body: JSON.stringify(body) })
  const said = await answer.json().catch(() => ({}))
  if (!answer.ok) throw new Error(said.error?.message ?? 'Signing in does not work now: try again.')
  return said
}

async function again() {
  if (tokens.RefreshToken)
    try {
      const AuthParameters = { REFRESH_TOKEN: tokens.RefreshToken }
      const said = await authenticate({ operation: 'InitiateAuth', AuthFlow: 'REFRESH_TOKEN_AUTH', AuthParameters })
      tokens = { ...tokens, ...said.AuthenticationResult }
      return
    } catch (error) {
      if (error instanceof TypeError) throw error // no network: the session may go on when it is back
      tokens = {}
    }
  await ask()
}

/** Ask until somebody has signed in. */
async function ask() {
  const dialog = at('sign-in')
  dialog.oncancel = (/** @type {Event} */ event) => event.preventDefault()
  dialog.onkeydown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Escape') event.preventDefault() // the second one would close it all the same
  }
  dialog.showModal()
  for (;;) {
    const { name, password } = await submitted('known')
    try {
      const said = await proven(name, password)
      tokens = (said.AuthenticationResult ? said : await challenged(said)).AuthenticationResult
      break
    } catch (error) {
      at('wrong').textContent =
        error instanceof TypeError ? 'No network: try again.' : /** @type {any} */ (error).message
    }
  }
  for (const field of dialog.querySelectorAll('[type=password]')) field.value = ''
  at('wrong').textContent = ''
  dialog.close()
}

/**
 * Show one of the dialog's forms; return what it has when it is submitted.
 * @param {string} id
 * @returns {Promise<Record<string, string>>}
 */
function submitted(id) {
  const shown = at(id)
  for (const form of at('sign-in').querySelectorAll('form')) form.hidden = form !== shown
  shown.querySelector('input').focus()
  return new Promise((done) => {
    shown.onsubmit = (/** @type {SubmitEvent} */ event) => {
      event.preventDefault()
      done(Object.fromEntries(/** @type {any} */ (new FormData(shown))))
    }
  })
}

/**
 * Prove that somebody knows their password.
 * @param {string} name
 * @param {string} password
 */
async function proven(name, password) {
  const begun = begin()
  const { ChallengeParameters, pool } = await authenticate({
    operation: 'InitiateAuth',
    AuthFlow: 'USER_SRP_AUTH',
    AuthParameters: { USERNAME: name, SRP_A: begun.SRP_A },
  })
  return authenticate({
    operation: 'RespondToAuthChallenge',
    ChallengeName: 'PASSWORD_VERIFIER',
    ChallengeResponses: await respond(begun, ChallengeParameters, pool, password),
  })
}

/**
 * Do what is asked for beside the password: one of their own at the first time, or a code.
 * @param {any} said
 */
async function challenged(said) {
  for (let asked = said; ; ) {
    const USERNAME = asked.ChallengeParameters?.USER_ID_FOR_SRP
    const form = /** @type {Record<string, string>} */ ({ NEW_PASSWORD_REQUIRED: 'first', SOFTWARE_TOKEN_MFA: 'code' }) // pragma: allowlist secret
    if (!form[asked.ChallengeName])
      throw new Error(`This page does not know ${asked.ChallengeName}: ask who invited you.`)
    const ChallengeResponses = { USERNAME, ...(await submitted(form[asked.ChallengeName])) }
    const body = { operation: 'RespondToAuthChallenge', ChallengeName: asked.ChallengeName, Session: asked.Session }
    try {
      asked = await authenticate({ ...body, ChallengeResponses })
      if (asked.AuthenticationResult) return asked
    } catch (error) {
      if (asked.ChallengeName !== 'NEW_PASSWORD_REQUIRED') throw error // a code is good once: begin anew
      at('wrong').textContent = /** @type {any} */ (error).message
    }
  }
}
