/** The board: the frame of every page, and the page of the URL. */
import { ActivityPage } from './activity/page.tsx'
import { apiKey } from './data/api-key.ts'
import { vocabularyReady } from './data/vocabulary.ts'
import { LedgerPage } from './ledger/page.tsx'
import { OverviewPage } from './overview/page.tsx'
import { ProposalPage } from './proposal/page.tsx'
import { ProposalsPage } from './proposals/page.tsx'
// In the entry: as a chunk of its own it takes what it shares out of the entry, and each first visit one request more.
import { RecordPage } from './record/page.tsx'
import { Footer } from './shell/footer.tsx'
import { Header } from './shell/header.tsx'
import { KeyPage } from './shell/key-page.tsx'
import { Announcer } from './shell/live.tsx'
import { News, Notices } from './shell/notices.tsx'
import { NowherePage } from './shell/nowhere.tsx'
import { PrintHead } from './shell/print-head.tsx'
import { readShell } from './shell.ts'
import { TimeBar } from './time/time-bar.tsx'
import { place, query } from './url/location.ts'
import { isPast } from './url/moment.ts'
import { WallPage } from './wall/page.tsx'

export function Board() {
  const needsKey = readShell().reading === 'key' && apiKey.value === null
  const past = isPast(query.value)
  if (place.value.page.name === 'wall' && !needsKey) return vocabularyReady.value ? <WallPage /> : null
  return (
    <div class={past ? 'board past' : 'board'}>
      <Header />
      {needsKey ? null : <TimeBar />}
      <PrintHead />
      <Notices />
      <main id="content" tabIndex={-1}>
        {needsKey ? (
          <KeyPage />
        ) : (
          // A code that has a word is never shown as a code; the data are requested meanwhile.
          <div class="page" hidden={!vocabularyReady.value}>
            <CurrentPage />
          </div>
        )}
      </main>
      <Footer />
      <News />
      <Announcer />
    </div>
  )
}

function CurrentPage() {
  const { page } = place.value
  if (page.name === 'nowhere') return <NowherePage path={page.path} />
  if (page.name === 'proposal') return <ProposalPage key={page.proposalId} proposalId={page.proposalId} />
  if (page.name === 'record') return <RecordPage />
  // The wall has no frame; without the key, it asks for it as a page.
  if (page.name === 'wall') return null
  const Named = pages[page.name]
  return <Named />
}

const pages = {
  overview: OverviewPage,
  proposals: ProposalsPage,
  activity: ActivityPage,
  ledger: LedgerPage,
} as const
