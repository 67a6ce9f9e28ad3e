// Templates name this script as AWS's; in its place it brings the elements of ours.
import(new URL('elements/index.js', /** @type {HTMLScriptElement} */ (document.currentScript).src).href)
