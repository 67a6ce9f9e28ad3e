/** How elements look, in their shadow trees. The frame is light: templates are written for it. */
export default `
:host { display: block; font: 16px/1.5 system-ui, sans-serif; color: #16191f; }
:host([hidden]), [hidden] { display: none !important; }
:host(crowd-button), :host(crowd-input), :host(crowd-checkbox), :host(crowd-radio-button), :host(crowd-toggle-button),
:host(crowd-badge), :host(crowd-icon-button), :host(crowd-fab) { display: inline-block; }
:host(crowd-input), :host(crowd-text-area), :host(crowd-slider) { display: block; margin: 8px 0; }
*, ::slotted(*) { box-sizing: border-box; }
h2 { font-size: 20px; margin: 0 0 12px; } h3 { font-size: 17px; margin: 0 0 8px; }
button, a.primary, a.normal, .category { font: inherit; color: inherit; background: #fff; border: 1px solid #545b64; border-radius: 4px;
  min-height: 36px; padding: 4px 14px; cursor: pointer; text-decoration: none; }
button:hover:not(:disabled) { background: #f2f3f3; }
button:disabled { color: #687078; border-color: #aab7b8; cursor: not-allowed; }
button.primary, a.primary { background: #0a58a8; border-color: #0a58a8; color: #fff; }
button.primary:hover:not(:disabled) { background: #084785; }
button.link, a.link { border: 0; background: none; color: #0a58a8; text-decoration: underline; padding: 4px; }
:focus-visible { outline: 3px solid #f08c00; outline-offset: 1px; }
input:not([type=checkbox], [type=radio], [type=range]), textarea, select { font: inherit; width: 100%; padding: 6px 8px; border: 1px solid #687078;
  border-radius: 4px; background: #fff; color: inherit; }
select { width: auto; }
label { display: block; }
kbd { font: 12px/1 ui-monospace, monospace; border: 1px solid #8d9599; border-radius: 3px; padding: 2px 5px; margin-left: auto; color: #414750; background: #fff; }
.switch { display: inline-flex; align-items: center; gap: 8px; min-height: 36px; cursor: pointer; }
input[type=checkbox], input[type=radio] { width: 20px; height: 20px; margin: 0; flex: none; }
.slider { display: flex; align-items: center; gap: 12px; max-width: 480px; } .slider input { flex: 1; }
.error { color: #b01a1a; margin: 6px 0; } .counter { text-align: right; font-size: 13px; }
.actions { margin: 16px 0; }
.card, fieldset { border: 1px solid #c3c8cc; border-radius: 6px; padding: 16px; margin: 8px 0; background: #fff; }
.card img, .card ::slotted(img) { max-width: 100%; }
.alert { border: 1px solid #0a58a8; border-left-width: 6px; border-radius: 4px; padding: 10px 14px; margin: 8px 0; background: #f1f8ff; color: #16191f;
  display: flex; gap: 12px; justify-content: space-between; align-items: center; }
.alert.error { border-color: #b01a1a; background: #fff4f4; } .alert.success { border-color: #1d7a3a; background: #f1faf3; }
.alert.warning { border-color: #8a5a00; background: #fff8e8; }
.toast { position: fixed; bottom: 16px; left: 16px; z-index: 5; }
.badge { background: #16191f; color: #fff; border-radius: 9px; padding: 0 7px; font-size: 12px; }
.tabs { display: flex; gap: 4px; border-bottom: 1px solid #687078; margin-bottom: 12px; }
.tabs button { border-radius: 4px 4px 0 0; } .tabs [aria-selected=true] { background: #16191f; color: #fff; }
dialog { border: 1px solid #545b64; border-radius: 6px; max-width: min(720px, 92vw); max-height: 86vh; padding: 20px; color: inherit; }
.annotation { display: flex; gap: 20px; align-items: flex-start; }
.awsui-app-layout__navigation { flex: none; width: 280px; padding: 12px; background: #f7f8f8; border-radius: 6px; overflow-wrap: anywhere; }
.awsui-app-layout__navigation.empty { display: none; }
.annotation-area { flex: 1; min-width: 0; }
.category-picker-wrapper { display: flex; flex-wrap: wrap; gap: 8px; margin: 12px 0; }
.category { display: flex; align-items: center; gap: 10px; min-width: 140px; min-height: 44px; }
.category:has(:checked), .category[aria-pressed=true] { border-color: #0a58a8; box-shadow: inset 0 0 0 2px #0a58a8; background: #eaf3fd; }
.swatch { width: 14px; height: 14px; border-radius: 3px; flex: none; }
.tools { display: flex; flex-wrap: wrap; gap: 6px; margin-bottom: 8px; align-items: center; } .tools button { padding: 2px 9px; }
.status { display: block; min-height: 24px; font-size: 14px; color: #414750; overflow-wrap: anywhere; }
.stage { overflow: auto; max-height: 78vh; border: 1px solid #8d9599; background: #e9ebed; }
.sheet { position: relative; --unit: 1px; } .sheet.still { max-width: 100%; width: fit-content; }
.sheet > img { display: block; width: 100%; user-select: none; } .sheet.still > img { width: auto; max-width: 100%; }
.sheet > .mask { position: absolute; inset: 0; width: 100%; height: 100%; opacity: .5; }
.upper-canvas { position: absolute; inset: 0; width: 100%; height: 100%; pointer-events: none; }
.layer { position: absolute; inset: 0; width: 100%; height: 100%; touch-action: none; cursor: crosshair; overflow: visible; will-change: transform; }
.front { pointer-events: none; } .front .handle { pointer-events: all; }
.still .layer { pointer-events: none; }
.layer path { fill: none; vector-effect: non-scaling-stroke; stroke-linecap: round; stroke-linejoin: round; }
.layer .hit { stroke: transparent; stroke-width: 14px; pointer-events: stroke; cursor: move; }
.layer .line { stroke: var(--color); stroke-width: 2.5px; pointer-events: none; }
.layer .shape.selected .hit { pointer-events: all; } .layer .shape.selected .line { stroke-width: 4px; }
.layer text { font-size: calc(13 * var(--unit)); fill: var(--color); paint-order: stroke; stroke: #fff; stroke-width: calc(3 * var(--unit)); pointer-events: none;
  transform: translate(0, calc(-5 * var(--unit))); }
.layer .draft { stroke: #16191f; stroke-dasharray: 6 4; }
.layer .cross { stroke: #16191f; stroke-width: 1px; opacity: .45; pointer-events: none; }
.layer .handle { r: calc(7 * var(--unit)); fill: #fff; stroke: #16191f; stroke-width: calc(2 * var(--unit)); cursor: grab; }
.layer .handle.chosen { fill: #f08c00; }
.hidden .shape { visibility: hidden; }
:host(crowd-keypoint) .line { stroke-width: 12px; } :host(crowd-keypoint) .selected .line { stroke-width: 16px; }
:host(crowd-keypoint) .handle { fill-opacity: .25; }
.passage { white-space: pre-wrap; overflow-wrap: anywhere; padding: 12px; border: 1px solid #8d9599; border-radius: 4px; line-height: 2.3; touch-action: pan-y;
  user-select: none; cursor: text; }
.passage mark { background: color-mix(in srgb, var(--color) 22%, white); color: #16191f; border-bottom: 3px solid var(--color); }
.passage mark[data-short]::before { content: attr(data-short); font-size: 11px; background: #16191f; color: #fff; border-radius: 3px; padding: 1px 4px; margin-right: 3px; vertical-align: super; }
::highlight(crowd-selection) { background: #ffd54f; color: #000; } ::highlight(crowd-cursor) { background: #16191f; color: #fff; }
.prompt { white-space: pre-wrap; background: #f7f8f8; padding: 12px; } .responses li { margin-bottom: 16px; } .rank, .tag { display: inline-flex; align-items: center; gap: 6px; margin-right: 16px; }
@media (max-width: 640px) { .annotation { flex-direction: column; } .awsui-app-layout__navigation { width: 100%; } }
@media (prefers-reduced-motion: no-preference) { dialog { transition: opacity .1s; } }
`
