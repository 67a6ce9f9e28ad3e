/** Work that the server has not heard yet: in the browser's own database, which outlives tab, session and network. */
import { person } from './session.js'

/** @typedef {'drafts' | 'answers'} Kind */

/** @type {Promise<IDBDatabase>} */
const opened = new Promise((done, failed) => {
  const request = indexedDB.open('labeling', 1)
  request.onupgradeneeded = () => {
    request.result.createObjectStore('drafts')
    request.result.createObjectStore('answers')
  }
  request.onsuccess = () => done(request.result)
  request.onerror = () => failed(request.error)
})

/** @param {string} task */
const key = (task) => `${person()} ${task}`

/** Everything that is the person's own. */
const own = () => IDBKeyRange.bound(`${person()} `, `${person()}!`, false, true) // "!" comes after the space

/**
 * @param {Kind} kind
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} ask
 * @returns {Promise<any>}
 */
async function transact(kind, mode, ask) {
  const transaction = (await opened).transaction(kind, mode)
  const request = ask(transaction.objectStore(kind))
  return new Promise((done, failed) => {
    transaction.oncomplete = () => done(request.result)
    transaction.onerror = () => failed(transaction.error)
  })
}

/**
 * @param {Kind} kind
 * @param {string} task
 * @param {any} value
 */
export const keep = (kind, task, value) => transact(kind, 'readwrite', (store) => store.put(value, key(task)))

/**
 * @param {Kind} kind
 * @param {string} task
 */
export const kept = (kind, task) => transact(kind, 'readonly', (store) => store.get(key(task)))

/**
 * @param {Kind} kind
 * @param {string} task
 */
export const drop = (kind, task) => transact(kind, 'readwrite', (store) => store.delete(key(task)))

/**
 * The person's tasks whose answers nobody has heard yet.
 * @returns {Promise<string[]>}
 */
export async function unheard() {
  const keys = await transact('answers', 'readonly', (store) => store.getAllKeys(own()))
  return keys.map((/** @type {string} */ each) => each.slice(person().length + 1))
}

/** Forget what is the person's own, when they leave a browser that others use too. */
export async function forget() {
  for (const kind of /** @type {Kind[]} */ (['drafts', 'answers']))
    await transact(kind, 'readwrite', (store) => store.delete(own()))
}
