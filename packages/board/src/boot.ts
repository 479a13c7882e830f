/** Runs before the first paint: what the page looks like from its first moment on. */
const { searchParams } = new URL(location.href)
const theme = searchParams.get('theme')
if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme
