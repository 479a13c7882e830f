import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import t from 'tap'
import { buildBoard } from '../build.ts'

const outdir = mkdtempSync(join(tmpdir(), 'commitments-board-'))
t.after(() => rmSync(outdir, { recursive: true }))
const { manifest, inputs } = await buildBoard({ outdir })
const bytesOf = (name: string) => readFileSync(join(outdir, name))

t.test('the same sources make the same files', async (t) => {
  const again = await buildBoard({ outdir })
  t.same(again.manifest, manifest)
})

t.test('the folder contains the files of the manifest and nothing else', async (t) => {
  const named = Object.entries(manifest.files).flatMap(([name, { br, gz }]) => [
    name,
    ...(br === undefined ? [] : [`${name}.br`]),
    ...(gz === undefined ? [] : [`${name}.gz`]),
  ])
  t.same(globSync('*', { cwd: outdir }).toSorted(), ['manifest.json', ...named].toSorted())
  const { boot, entry, chunks, styles, icon, licences } = manifest
  for (const name of [boot, entry, ...chunks, styles, icon, licences]) t.ok(name in manifest.files, name)
})

t.test('the compressed forms of a file have its content', async (t) => {
  for (const [name, { br, gz, bytes }] of Object.entries(manifest.files)) {
    t.equal(bytesOf(name).length, bytes)
    if (br !== undefined) t.ok(brotliDecompressSync(bytesOf(`${name}.br`)).equals(bytesOf(name)), `${name}.br`)
    if (gz !== undefined) t.ok(gunzipSync(bytesOf(`${name}.gz`)).equals(bytesOf(name)), `${name}.gz`)
  }
})

t.test('a first visit loads at most 120 KiB of compressed scripts', async (t) => {
  const scripts = [manifest.boot, manifest.entry, ...manifest.chunks]
  const bytes = scripts.reduce((sum, name) => sum + (manifest.files[name]?.gz ?? Number.POSITIVE_INFINITY), 0)
  t.ok(bytes <= 120 * 1024, `${bytes} bytes`)
})

t.test('neither zod nor a module of Node goes to the browser', async (t) => {
  t.ok(inputs.some((path) => path.includes('node_modules/preact/')))
  t.same(
    inputs.filter((path) => /(?:^|\/)node_modules\/zod\/|^node:/.test(path)),
    [],
  )
})

t.test('the licences of all packages in the browser are sent with them', async (t) => {
  const text = bytesOf(manifest.licences).toString()
  for (const name of ['preact', '@preact/signals', 'd3-scale', 'd3-shape']) t.match(text, `${name} `)
  t.match(text, /Permission is hereby granted|Permission to use/)
})
