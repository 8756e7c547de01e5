/** What AdminJS itself leaves black, whatever the palette says. */
export const darkStyles = 'body, h1, h2, h3, label { color: #eceef2 }'

/** A dark palette over AdminJS's own, to see every page by: the names are those of its design system. */
export const darkTheme = {
  colors: {
    ...{ bg: '#14161a', container: '#1c1f25', sidebar: '#101216', filterBg: '#1c1f25', white: '#1c1f25' },
    ...{ text: '#eceef2', border: '#3a3f49', inputBorder: '#59606d', separator: '#3a3f49' },
    ...{ grey100: '#d5d8de', grey80: '#b3b8c2', grey60: '#989eaa', grey40: '#6b7280', grey20: '#2a2e36' },
    ...{ primary100: '#7f9cf7', primary80: '#7f9cf7', primary60: '#5f78c9', primary20: '#232c4a', hoverBg: '#232c4a' },
    ...{ error: '#ff8a8a', errorDark: '#ff8a8a', errorLight: '#43232a', danger: '#ff8a8a' },
    ...{ success: '#5fd0b5', successDark: '#5fd0b5', successLight: '#1d3a35' },
    ...{ warning: '#f0b469', warningDark: '#f0b469', warningLight: '#402f1a' },
    ...{ info: '#8fb2ff', infoDark: '#8fb2ff', infoLight: '#22304f' },
  },
  borders: { default: '1px solid #3a3f49', input: '1px solid #59606d' },
  shadows: { card: 'none', cardHover: 'none', drawer: '-2px 0 12px rgba(0, 0, 0, 0.6)', login: 'none' },
}
