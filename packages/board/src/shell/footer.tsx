import { readShell } from '../shell.ts'
import { say } from '../texts/reader.ts'

/** Links to the foundations of the board, for readers who want more than it shows. */
export function Footer() {
  const { base, licences, build } = readShell()
  const words = say.value.footer
  return (
    <footer class="footer">
      <a href={`${base}/docs`}>{words.api}</a>
      <a href={`${base}/problems`}>{words.problems}</a>
      {licences === '' ? null : <a href={licences}>{words.licences}</a>}
      <span class="build">{words.build(build)}</span>
    </footer>
  )
}
