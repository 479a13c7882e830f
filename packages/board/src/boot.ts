/** Sets language and colours before the first paint, so that the page does not flash. */
import { preferredLanguage, preferredTheme } from './reader/preferred.ts'

const { documentElement } = document
documentElement.lang = preferredLanguage(location.search)
const theme = preferredTheme(location.search, location.pathname)
if (theme !== null) documentElement.dataset['theme'] = theme
