import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'esbuild'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** Starts Debian's Chromium without a screen, with a profile of its own that is removed at the end. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    // A browser of root has no sandbox; what it opens here is ours.
    chromiumSandbox: process.getuid?.() !== 0,
    args: ['--disable-quic', '--disable-sync'],
  })
}

/** A page that has no cookies and no cache of others, and what went wrong in it so far. */
export interface Watched {
  readonly page: Page
  /** Errors of the console, requests that failed, and whatever a page asks for beside itself. */
  readonly trouble: string[]
  close(): Promise<void>
}

export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const trouble: string[] = []
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) trouble.push(message.text())
  })
  page.on('pageerror', error => trouble.push(error.message))
  page.on('requestfailed', request => trouble.push(`${request.url()}: ${request.failure()?.errorText}`))
  page.on('request', request => {
    if (!request.isNavigationRequest() && !request.url().startsWith('data:')) trouble.push(`asks for ${request.url()}`)
  })
  return { page, trouble, close: () => context.close() }
}

const source = readFileSync(fileURLToPath(new URL('page-audit.js', import.meta.url)), 'utf8')
const { code } = transformSync(source, { format: 'iife', globalName: 'pageAudit' })

/** What the page does wrong for its readers, one line each: structure, labels, layout, contrast. */
export function defectsOf(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`${code}; pageAudit.defects()`)
}

/** Goes through the page with the tab key, in light colours forwards and in dark ones back: what it reaches, what it should. */
export async function tabThrough(page: Page): Promise<{ reached: string[]; expected: string[]; defects: string[] }> {
  const there = await page.evaluate<string[]>(`${code}; pageAudit.reachable()`)
  const reached: string[] = []
  const defects: string[] = []
  const look = async () => {
    const { name, defect } = await page.evaluate<{ name: string; defect?: string }>(`${code}; pageAudit.focused()`)
    reached.push(name)
    if (defect !== undefined) defects.push(defect)
  }
  for (const _ of there) {
    await page.keyboard.press('Tab')
    await look()
  }
  await page.emulateMedia({ colorScheme: 'dark' })
  for (const _ of there) {
    await look()
    await page.keyboard.press('Shift+Tab')
  }
  return { reached, expected: [...there, ...there.toReversed()], defects }
}
