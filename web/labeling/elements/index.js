/** Defines every element when the template is all there, and says so. */
import { CrowdElement, make, tell } from './base.js'
import * as classifiers from './classifier.js'
import { CrowdEntityAnnotation } from './entity.js'
import { CrowdForm, submitByKey } from './form.js'
import * as images from './image.js'
import * as inputs from './inputs.js'
import * as layout from './layout.js'
import { CrowdQuestionAnswerGeneration } from './question-answer.js'
import { CrowdTextRanking } from './ranking.js'

// what others stand in, or ask for its value while they are drawn, comes last
const CLASSES = {
  ...layout,
  ...inputs,
  ...classifiers,
  ...images,
  CrowdTextRanking,
  CrowdQuestionAnswerGeneration,
  CrowdForm,
  CrowdEntityAnnotation,
}

const MASKS = 'masks of pixels are not offered yet; boxes and polygons are'
/** @type {Record<string, string>} */
const WHY = { 'crowd-semantic-segmentation': MASKS, 'crowd-instance-segmentation': MASKS }

/** An element that is not ours: its name and the reason are shown, and its form cannot be submitted. */
class Refused extends CrowdElement {
  /** @param {ShadowRoot} root */
  draw(root) {
    const why = WHY[this.localName] ?? 'no element of this name is offered here'
    const sentence = `<${this.localName}> cannot be used: ${why}.`
    this.setAttribute('refused', sentence)
    root.append(make('div', { class: 'alert error', role: 'alert' }, sentence))
    tell('refused', sentence)
  }
}

function defineAll() {
  for (const [name, made] of Object.entries(CLASSES))
    customElements.define(
      name.replace(/[A-Z]/g, (letter, at) => `${at ? '-' : ''}${letter.toLowerCase()}`),
      made,
    )
  const unknown = [...document.querySelectorAll('*')].filter(
    (each) => each.matches(':not(:defined)') && each.localName.startsWith('crowd-'),
  )
  for (const name of new Set(unknown.map((each) => each.localName)))
    customElements.define(name, class extends Refused {})
  submitByKey()
  document.dispatchEvent(new CustomEvent('all-crowd-elements-ready', { bubbles: true }))
  tell('ready', null)
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', defineAll, { once: true })
else defineAll()
