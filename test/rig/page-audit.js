// Runs in a page of the browser. Limits are those of WCAG 2.2, level AA.

const textContrast = 4.5
const edgeContrast = 3
const smallestText = 9
const smallestTarget = 24

/** What a page does wrong, one line each. */
export function defects() {
  return [...structure(), ...fields(), ...layout(), ...texts()]
}

/** What has the focus: its name, and what is wrong with how it shows that. */
export function focused() {
  const element = document.activeElement
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element)
  const contrast = ratio(over(colour(outlineColor), backdrop(element.parentElement)), backdrop(element.parentElement))
  const seen = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2 && contrast >= edgeContrast
  return { name: named(element), defect: seen ? undefined : `${named(element)}: its focus cannot be seen` }
}

/** Everything that the keyboard has to reach, in the order of the page. */
export function reachable() {
  const found = document.querySelectorAll('a[href], input:not([type=hidden]), textarea, select, button, [tabindex]')
  return [...found].filter(shown).map(named)
}

function structure() {
  const root = document.documentElement
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
  const references = ['for', 'aria-describedby', 'aria-labelledby'].flatMap(name =>
    [...document.querySelectorAll(`[${name}]`)].flatMap(element => element.getAttribute(name).split(/\s+/)),
  )
  return [
    ...wrong(root.lang !== 'en', 'the language is not set'),
    ...wrong(document.title.trim() === '', 'there is no title'),
    ...wrong(document.querySelectorAll('h1').length !== 1, 'there is not one h1'),
    ...wrong(document.querySelectorAll('main').length !== 1, 'there is not one main part'),
    ...ids.filter((id, at) => ids.indexOf(id) !== at).map(id => `#${id} is there twice`),
    ...references.filter(id => !ids.includes(id)).map(id => `#${id} is named, but not there`),
    ...[...document.querySelectorAll('a, svg[role=img]')]
      .filter(element => (element.getAttribute('aria-label') ?? element.textContent).trim() === '')
      .map(element => `${named(element)}: has no words`),
  ]
}

function fields() {
  return [...document.querySelectorAll('input, textarea, select, meter')].filter(shown).flatMap(field => {
    if (field.type === 'submit') return wrong(field.value.trim() === '', `${named(field)}: has no words`)
    const label = [...field.labels].map(({ textContent }) => textContent).join(' ')
    if (field.localName === 'meter') return wrong(label.trim() === '', `${named(field)}: has no label`)
    const outside = backdrop(field.parentElement)
    const edge = over(colour(getComputedStyle(field).borderTopColor), outside)
    return [
      ...wrong(label.trim() === '', `${named(field)}: has no label`),
      ...wrong(ratio(edge, outside) < edgeContrast, `${named(field)}: its edge is too pale`),
    ]
  })
}

function layout() {
  const { scrollWidth, clientWidth } = document.documentElement
  return [
    ...wrong(scrollWidth > clientWidth, `the page is ${scrollWidth} px wide on a screen of ${clientWidth}`),
    ...[...document.querySelectorAll('nav a, input, textarea, button')]
      .filter(shown)
      .filter(element => element.getBoundingClientRect().height < smallestTarget)
      .map(element => `${named(element)}: is too small to be touched`),
    // What scrolls must be reachable with the keyboard.
    ...[...document.querySelectorAll('body *')]
      .filter(element => /auto|scroll/.test(getComputedStyle(element).overflowX))
      .filter(element => element.scrollWidth > element.clientWidth && element.localName !== 'textarea')
      .filter(element => element.tabIndex < 0)
      .map(element => `${named(element)}: scrolls, but not with the keyboard`),
  ]
}

function texts() {
  const found = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement
    if (walker.currentNode.data.trim() === '' || !shown(element)) continue
    if (element.closest('title, desc, style, meter, option')) continue
    found.push(...legible(element, walker.currentNode.data))
  }
  for (const field of document.querySelectorAll('input, textarea'))
    if (shown(field)) found.push(...legible(field, field.value))
  return [...new Set(found)]
}

function legible(element, text) {
  const { color, fill, fontSize } = getComputedStyle(element)
  const drawing = element.closest('svg')
  const behind = drawing ? drawnBehind(element, drawing) : backdrop(element)
  const contrast = ratio(over(colour(drawing ? fill : color), behind), behind)
  const scale = drawing ? drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width : 1
  const size = Number.parseFloat(fontSize) * scale
  const what = JSON.stringify(text.trim().slice(0, 30))
  return [
    ...wrong(contrast < textContrast, `${what}: contrast ${contrast.toFixed(2)}`),
    ...wrong(size < smallestText, `${what}: ${size.toFixed(1)} px high`),
  ]
}

/** The colour behind a text of a drawing: the page, and each shape below the text's middle. */
function drawnBehind(text, drawing) {
  const box = text.getBoundingClientRect()
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  let behind = backdrop(drawing)
  for (const shape of drawing.querySelectorAll('rect')) {
    if (!(shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING)) continue
    const { left, right, top, bottom } = shape.getBoundingClientRect()
    if (x < left || x > right || y < top || y > bottom) continue
    const { fill, opacity } = getComputedStyle(shape)
    const [red, green, blue, alpha] = colour(fill)
    behind = over([red, green, blue, alpha * Number(opacity)], behind)
  }
  return behind
}

/** The colour that an element's text stands on. */
function backdrop(element) {
  if (element === null) return [255, 255, 255, 1]
  const own = colour(getComputedStyle(element).backgroundColor)
  return own[3] === 1 ? own : over(own, backdrop(element.parentElement))
}

function colour(text) {
  const [, red, green, blue, alpha = '1'] = /^rgba?\((\d+), (\d+), (\d+)(?:, ([\d.]+))?\)$/.exec(text) ?? []
  if (blue === undefined) throw new Error(`a colour that this audit cannot read: ${text}`)
  return [red, green, blue, alpha].map(Number)
}

function over([red, green, blue, alpha], behind) {
  return [...[red, green, blue].map((part, at) => part * alpha + behind[at] * (1 - alpha)), 1]
}

function ratio(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(parts) {
  const [red, green, blue] = parts.slice(0, 3).map(part => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function shown(element) {
  const { width, height } = element.getBoundingClientRect()
  return width > 0 && height > 0 && getComputedStyle(element).visibility === 'visible'
}

function named(element) {
  const words = element.getAttribute('aria-label') ?? (element.value || element.textContent || '')
  const id = element.id || element.getAttribute('href') || element.getAttribute('aria-labelledby') || ''
  return `${element.localName} ${id || JSON.stringify(words.trim().slice(0, 30))}`
}

function wrong(is, defect) {
  return is ? [defect] : []
}
