import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { americanFolder, labFolder } from '../../app/src/testing/model-dir.ts'
import { buildProgram, type Program, Running } from '../../app/src/testing/program.ts'
import { type Rabbit, startRabbit } from '../../app/src/testing/rabbitmq.ts'
import { page as reportPage } from '../../src/measure/page.ts'
import { summarise } from '../../src/measure/summary.ts'
import { defectsOf, openPage, startBrowser, tabThrough, type Watched } from '../rig/browser.ts'
import { mlops } from '../rig/mlops.ts'

let browser: Browser
let program: Program
let rabbit: Rabbit
/** The predictor with both models, the tweet API alone, and one whose workers are away. */
let both: string
let american: string
let alone: string
const running: Running[] = []
const reports = mkdtempSync(join(tmpdir(), 'mlops-report-'))
const folders = [reports, labFolder('a'), americanFolder()]
const [, MODEL_DIR = '', AMERICAN_MODEL_DIR = ''] = folders

beforeAll(async () => {
  ;[browser, program, rabbit] = await Promise.all([startBrowser(), buildProgram(), startRabbit()])
  const env = { AMQP_URL: rabbit.url, PORT: '0', MODEL_DIR, AMERICAN_MODEL_DIR, RPC_TIMEOUT_MS: '60000' }
  const start = (role: string, more: Record<string, string> = {}) => {
    const service = new Running(program, [role], { ...env, ...more })
    running.push(service)
    return service
  }
  const urlOf = async (web: Running) => (await web.says(/Server listening at (http:[^"]+)/))[1] ?? ''
  const worker = start('worker')
  ;[both, american, alone] = await Promise.all([
    urlOf(start('web')),
    urlOf(start('web', { MODELS: 'american' })),
    urlOf(start('web', { QUEUE: 'nobody', RPC_TIMEOUT_MS: '50' })),
  ])
  await worker.says(/broker connected/)
  await measure()
}, 180_000)

afterAll(async () => {
  await browser?.close()
  for (const each of running) await each.stop('SIGKILL')
  await rabbit?.remove()
  program?.remove()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}, 60_000)

const report = (name: string) => pathToFileURL(join(reports, `${name}.html`))

/** Reports of a service that answers, of one that does not, and of deliveries. */
async function measure(): Promise<void> {
  const downtime = (url: string, name: string, ...how: string[]) =>
    mlops(['measure', 'downtime', '--url', url, '--report', fileURLToPath(report(name)), ...how])
  const ran = await Promise.all([
    downtime(`${both}/version`, 'answers', '--after', '1', '--', 'true'),
    downtime('http://127.0.0.1:9/', 'away', '--seconds', '1'),
  ])
  expect(ran.map(({ status }) => status)).toEqual([0, 2])
  const samples = [{ due: 0, ms: 3, failure: undefined, version: '6541f7fec4b8' }]
  const steps = {
    titles: ['MS', 'TRAIN', 'PUSH', 'GATE', 'SWITCH', 'FIRST NEW', 'LAST OLD', 'BEYOND GATE'],
    rows: [['6541f7fec4b8', '1885', '302', '792', '253', '218', '201', '555']],
  }
  const marks = [{ at: 2000, what: `push ${'0123456789'.repeat(10)}` }]
  writeFileSync(report('deliveries'), reportPage('1 delivery', { samples, summary: summarise(samples), marks, steps }))
}

const row = ['6', '148', '72', '35', '0', '33.6', '0.627', '50']
const right = '71.42857313156128'
const ask = (page: Page) => page.click('input[type=submit]')

/** Every page, by how one gets there. */
const views: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  'the first page': page => page.goto(both),
  'the form of /accuracy': page => page.goto(`${both}/accuracy`),
  'the accuracy': page => page.goto(`${both}/accuracy`).then(() => ask(page)),
  'the form of /predictions': page => page.goto(`${both}/predictions`),
  'the predictions': page => page.goto(`${both}/predictions`).then(() => ask(page)),
  'the form for a row': page => page.goto(`${both}/predict`),
  'the answer to a row': async page => {
    await page.goto(`${both}/predict`)
    await page.click('text=row 1 of the table')
    await ask(page)
  },
  'a row that cannot be': async page => {
    await page.goto(`${both}/predict?glucose=5000&age=-1`)
    await askUnchecked(page)
  },
  'the form for a text': page => page.goto(`${both}/american`),
  'the answer to a text': page => askAboutText(page, both, `#covid19 new york ${'verylongword'.repeat(20)}`),
  'a text that cannot be': page => page.goto(`${both}/american`).then(() => askUnchecked(page)),
  'the API': page => page.goto(`${both}/docs`),
  'a question while no worker is there': page => page.goto(`${alone}/predictions`).then(() => ask(page)),
  'an address that is none': page => page.goto(`${both}/nothing`),
  'the first page of the tweet API': page => page.goto(american),
  'the answer of the tweet API': page => askAboutText(page, american, 'queueing in the rain for the lorry'),
  'the API of the tweet API': page => page.goto(`${american}/docs`),
  'the report of a service that answers': page => page.goto(report('answers').href),
  'the report of a service that is away': page => page.goto(report('away').href),
  'the report of deliveries': page => page.goto(report('deliveries').href),
}

async function askAboutText(page: Page, url: string, text: string): Promise<void> {
  await page.goto(`${url}/american`)
  await page.fill('#text', text)
  await ask(page)
}

/** Sends a form as a browser does that checks nothing itself. */
async function askUnchecked(page: Page): Promise<void> {
  await page.$eval('form', form => form.setAttribute('novalidate', ''))
  await ask(page)
}

async function open(options: BrowserContextOptions = {}): Promise<Watched> {
  const watched = await openPage(browser, options)
  onTestFinished(() => watched.close())
  return watched
}

/** Presses keys one after the other; what is no name of a key is typed. */
async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    if (/^(Tab|Enter|Shift\+Tab)$/.test(key)) await page.keyboard.press(key)
    else await page.keyboard.type(key)
  }
}

const heading = (page: Page) => page.textContent('h1')

describe('every page', () => {
  let watched: Watched
  beforeAll(async () => {
    watched = await openPage(browser)
  })
  afterAll(() => watched?.close())

  test.each(Object.entries(views))('%s: fits every screen, can be read and reached with keys', async (_, visit) => {
    const { page, trouble } = watched
    trouble.length = 0
    await visit(page)
    const found: Record<string, readonly string[]> = {}
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme })
      for (const width of [1280, 768, 360]) {
        await page.setViewportSize({ width, height: 800 })
        const defects = await defectsOf(page)
        if (defects.length > 0) found[`${width} px, ${colorScheme}`] = defects
      }
    }
    expect(found).toEqual({})
    const { reached, expected, defects } = await tabThrough(page)
    expect({ reached, defects }).toEqual({ reached: expected, defects: [] })
    // The console tells of pages that are errors; those are meant here.
    expect(trouble.filter(text => !/^Failed to load resource: .* status of (400|404|503) /.test(text))).toEqual([])
  })
})

// No page has a script; this is held here, where a browser would run none.
describe.each([true, false])('with scripts allowed: %s', javaScriptEnabled => {
  test('a row is asked with the keyboard alone', async () => {
    const { page } = await open({ javaScriptEnabled })
    await page.goto(`${both}/predict`)
    await page.focus('#pregnancies')
    await press(page, ...row.flatMap(value => [value, 'Tab']).slice(0, -1), 'Enter')
    await page.waitForSelector('[role=status]')
    expect(await heading(page)).toBe('Diabetes within five years: unlikely')
    expect(await page.textContent('[role=status]')).toMatch(/^Probability of diabetes: \d\d\.\d %/)
    expect(await page.$$eval('input[type=number]', all => all.map(input => input.getAttribute('value')))).toEqual(row)
  })

  test('a text is asked with the keyboard alone, and comes back as it was typed', async () => {
    const { page } = await open({ javaScriptEnabled })
    await page.goto(`${both}/american`)
    await page.focus('#text')
    await press(page, '</textarea><b>new york', 'Enter', '"color" & neighbor', 'Tab', 'Enter')
    await page.waitForSelector('[role=status]')
    expect(await heading(page)).toBe('American')
    expect(await page.inputValue('#text')).toBe('</textarea><b>new york\n"color" & neighbor')
  })

  test('the tweet API asks its own port', async () => {
    const { page } = await open({ javaScriptEnabled })
    await askAboutText(page, american, 'queueing in the rain for the lorry')
    expect([new URL(page.url()).origin, await heading(page)]).toEqual([american, 'Not American'])
  })

  test("the lab's model has its seven rows and its accuracy to the last digit", async () => {
    const { page } = await open({ javaScriptEnabled })
    await page.goto(both)
    await page.click('nav >> text=Predictions')
    await page.focus('input[type=submit]')
    await press(page, 'Enter')
    await page.waitForSelector('table')
    expect([await page.title(), await heading(page)]).toEqual(['Test App', `Accuracy is ${right}`])
    expect(await page.getAttribute('table', 'border')).toBe('1')
    const lines = await page.$$eval('tr', all => all.map(line => [...line.children].map(cell => cell.textContent)))
    expect(lines).toEqual([['True', 'Predicted'], ...['10', '11', '10', '11', '00', '00', '00'].map(pair => [...pair])])
    await page.click('nav >> text=Accuracy')
    await ask(page)
    expect(await heading(page)).toBe(`The accuracy is ${right}`)
  })

  test('what cannot be is said beside its field, and leads there', async () => {
    const { page } = await open({ javaScriptEnabled })
    await page.goto(`${both}/predict`)
    await page.click('text=row 2 of the table')
    await page.fill('#glucose', '5000')
    await page.fill('#age', '-1')
    await askUnchecked(page)
    const alert = page.getByRole('alert')
    expect(await alert.textContent()).toBe('The model was not asked. Please correct: Glucose, Age.')
    const wrong = await page.$$eval('[aria-invalid=true]', all =>
      all.map(field => `${field.id} ${field.closest('p')?.querySelector('small')?.textContent}`),
    )
    expect(wrong).toEqual(['glucose must be from 0 to 1000, not 5000', 'age must be from 0 to 150, not -1'])
    await alert.getByText('Age').focus()
    await press(page, 'Enter')
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('age')
  })
})

test('what the browser itself sees to be wrong is not sent, and the field gets the focus', async () => {
  const { page } = await open()
  for (const [form, field] of [
    [`${both}/predict?pregnancies=1&glucose=5000`, 'glucose'],
    [`${both}/american`, 'text'],
  ]) {
    await page.goto(form ?? '')
    await page.focus('input[type=submit]')
    await press(page, 'Enter')
    expect(await page.evaluate('[document.activeElement.id, document.activeElement.validity.valid]')).toEqual([
      field,
      false,
    ])
    expect(page.url()).toBe(form)
  }
})

test('the audit finds what is wrong', async () => {
  const { page } = await open({ viewport: { width: 360, height: 800 } })
  await page.setContent(`<style>:focus { outline: none }</style><p id="a" style="color: #999; width: 400px">pale</p><p id="a"></p>
<input style="border: 1px solid #ddd; outline: 0"><label for="none">x</label><svg viewBox="0 0 3600 10"><text x="0" y="9" font-size="12">small</text></svg>`)
  expect(await defectsOf(page)).toEqual([
    'the language is not set',
    'there is no title',
    'there is not one h1',
    'there is not one main part',
    '#a is there twice',
    '#none is named, but not there',
    'input "": has no label',
    'input "": its edge is too pale',
    'the page is 408 px wide on a screen of 360',
    'input "": is too small to be touched',
    '"pale": contrast 2.85',
    '"small": 1.1 px high',
  ])
  const unseen = 'input "": its focus cannot be seen'
  expect((await tabThrough(page)).defects).toEqual([unseen, unseen])
})
