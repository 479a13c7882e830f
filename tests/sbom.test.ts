import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

interface Bill {
  readonly bomFormat: string
  readonly specVersion: string
  readonly components: readonly {
    readonly name: string
    readonly version: string
    readonly purl: string
    readonly hashes?: readonly { readonly alg: string; readonly content: string }[]
  }[]
}

interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly version?: string
        readonly integrity?: string
        readonly dev?: true
        readonly devOptional?: true
        readonly link?: true
      }
    >
  >
}

t.test(
  'the bill of materials is CycloneDX, and lists what the lockfile installs in production, with its digests',
  (t) => {
    const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'sbom'], { cwd: root, encoding: 'utf8' })
    t.equal(status, 0, stderr)
    const bill = JSON.parse(stdout) as Bill
    t.match(bill, { bomFormat: 'CycloneDX', specVersion: /^1\.\d$/ })
    t.notMatch(stdout, root, 'it names no place of this machine')
    const lock = JSON.parse(readFileSync(`${root}/package-lock.json`, 'utf8')) as Lock
    const listed = new Map(bill.components.map((component) => [`${component.name}@${component.version}`, component]))
    const installed = Object.entries(lock.packages).filter(
      ([path, { dev, devOptional, link }]) => path.includes('node_modules/') && !dev && !devOptional && !link,
    )
    t.ok(installed.length > 50)
    t.equal(
      bill.components.length,
      new Set(installed.map(([path, { version }]) => `${path.slice(path.lastIndexOf('node_modules/'))}@${version}`))
        .size,
    )
    for (const [path, { version, integrity }] of installed) {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
      const component = listed.get(`${name}@${version}`)
      if (!component) {
        t.fail(`${name}@${version} is not in it`)
        continue
      }
      t.match(component.purl, /^pkg:npm\//)
      const digest = Buffer.from((integrity ?? '').replace('sha512-', ''), 'base64').toString('hex')
      t.ok(
        component.hashes?.some(({ alg, content }) => alg === 'SHA-512' && content === digest),
        `${name} has its digest`,
      )
    }
    t.end()
  },
)
