/**
 * Tests of the board in a real browser, against the started product. Without a browser, they are skipped and say how to get one. Each fails
 * on any complaint of its pages: an error on the console, a violation of the Content-Security-Policy, or a request to another origin.
 */
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { type Product, type ProductOptions, startProduct } from './product.ts'

/** The path of Debian's package. */
const usual = '/usr/bin/chromium'

/** The browser in CHROMIUM, or the usual one; undefined if there is none. */
function findBrowser(): string | undefined {
  const named = process.env['CHROMIUM']
  if (named && !existsSync(named)) throw new Error(`CHROMIUM names ${named}, which is not there`)
  return named || (existsSync(usual) ? usual : undefined)
}

const noBrowser =
  'there is no browser: install one (apt-get install chromium fonts-noto-cjk) or name one in CHROMIUM, and these tests run'

export interface OpenOptions extends BrowserContextOptions {
  /** Complaints of the page that belong to the test. */
  readonly tolerate?: readonly RegExp[]
  /** Before the page requests anything: routes to intercept, storage to fill. */
  readonly prepare?: (context: BrowserContext) => Promise<void>
}

/** What a test in the browser gets. */
export interface Visit {
  readonly t: Test
  readonly product: Product
  /** Opens a path of the board in a new profile, and waits until the page is loaded. */
  readonly open: (path: string, options?: OpenOptions) => Promise<Page>
}

/** Declares a test in the browser; its name is the rule that it checks. */
type Declare = (name: string, body: (visit: Visit) => Promise<void>) => void

/** The tests of one file: product and browser are started once, and end with the last test. */
export function inBrowser(declareAll: (test: Declare) => void, options: ProductOptions = {}): void {
  const executable = findBrowser()
  if (executable === undefined) return void t.test('in a browser', { skip: noBrowser }, () => {})
  t.test('in a browser', async (t) => {
    const [product, browser] = await Promise.all([startProduct(t, options), launch(executable)])
    t.after(() => browser.close())
    const tests: Promise<unknown>[] = []
    declareAll((name, body) => tests.push(t.test(name, (t) => visit(t, product, browser, body))))
    await Promise.all(tests)
  })
}

function launch(executablePath: string): Promise<Browser> {
  // Chromium has no sandbox for root, and containers run as root.
  return chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 })
}

async function visit(
  t: Test,
  product: Product,
  browser: Browser,
  body: (visit: Visit) => Promise<void>,
): Promise<void> {
  const contexts: BrowserContext[] = []
  const complaints: string[] = []
  const open: Visit['open'] = async (path, { tolerate = [], prepare, ...options } = {}) => {
    const context = await browser.newContext({ baseURL: product.url, locale: 'en-GB', ...options })
    contexts.push(context)
    const complain = (text: string) => {
      if (!tolerate.some((pattern) => pattern.test(text))) complaints.push(text)
    }
    await watch(context, [new URL(options.baseURL ?? product.url).origin, product.commandUrl], complain)
    await prepare?.(context)
    const page = await context.newPage()
    await page.goto(path)
    return page
  }
  try {
    await body({ t, product, open })
  } finally {
    await Promise.all(contexts.map((context) => context.close()))
  }
  t.same(complaints, [], 'no page complained')
}

/** Reports everything that our pages must not do, during the lifetime of the context. */
async function watch(
  context: BrowserContext,
  origins: readonly string[],
  complain: (text: string) => void,
): Promise<void> {
  context.on('console', (message) => {
    if (message.type() === 'error') complain(`console: ${message.text()} (${message.location().url})`)
  })
  context.on('weberror', (error) => complain(`error: ${error.error().stack ?? error.error().message}`))
  context.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (protocol !== 'blob:' && protocol !== 'data:' && !origins.includes(origin))
      complain(`asked elsewhere: ${request.url()}`)
  })
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) =>
      console.error(`policy: ${violatedDirective} refused ${blockedURI} of ${sourceFile}`),
    )
  })
}
