/** Ways out of the frame that no policy of a browser's stops: calls between browsers, and frames that would bring them back. */

for (const name of Object.getOwnPropertyNames(window))
  if (/RTC|WebTransport/.test(name)) Reflect.deleteProperty(window, name)

// A frame inside of this one would be a fresh window with the names that are gone here. `trusted-types default` in the
// frame's headers makes this the one policy there can be: every string that becomes HTML or script comes through it.
const { trustedTypes } = /** @type {any} */ (window)
trustedTypes.createPolicy('default', {
  createHTML: (/** @type {string} */ html, /** @type {string} */ _type, /** @type {string} */ sink) =>
    sink.endsWith('srcdoc') ? '' : html.replace(/<(\/?)(?=i?frame|object|embed|portal|fencedframe)/gi, '<$1no-'),
  createScript: (/** @type {string} */ script, /** @type {string} */ _type, /** @type {string} */ sink) =>
    /location|navigation|href/i.test(sink) ? '' : script,
  createScriptURL: (/** @type {string} */ url) => url,
})
