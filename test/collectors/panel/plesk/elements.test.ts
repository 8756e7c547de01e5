import { describe, expect, test } from '@jest/globals'
import { eachElement } from '../../../../src/collectors/panel/plesk/elements.js'

const { signal } = new AbortController()

async function elementsOf(xml: string): Promise<[string, string][]> {
  const found: [string, string][] = []
  await eachElement(xml, signal, (path, text) => void found.push([path, text]))
  return found
}

test('each element by its path, when it ends', async () => {
  expect(await elementsOf('<?xml version="1.0"?>\n<a x="1"><b>1</b><b/><c><d>2</d></c></a>')).toEqual([
    ['/a/b', '1'],
    ['/a/b', ''],
    ['/a/c/d', '2'],
    ['/a/c', ''],
    ['/a', ''],
  ])
})

test('references of XML, CDATA and comments', async () => {
  const text = '&lt;b&gt; &amp;amp; &#65;&#x20AC; <![CDATA[<i>&amp;]]><!-- no -->!'
  expect(await elementsOf(`<a>${text}</a>`)).toEqual([['/a', '<b> &amp; A€ <i>&amp;!']])
})

test('as many references as a long list has', async () => {
  const found = await elementsOf(`<a>${'<b>x&amp;y</b>'.repeat(20_000)}</a>`)
  expect(found).toHaveLength(20_001)
  expect(new Set(found.map(([, text]) => text))).toEqual(new Set(['x&y', '']))
})

test('a text that is longer than any buffer, in one piece', async () => {
  const long = '🙂é'.repeat(100_000)
  expect(await elementsOf(`<a>${long}</a>`)).toEqual([['/a', long]])
})

describe('is refused', () => {
  const laughs = Array.from({ length: 10 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('')
  test.each([
    ['a DOCTYPE', '<!DOCTYPE a><a/>', /DOCTYPE/],
    ['entities that expand', `<!DOCTYPE a [<!ENTITY l0 "ha">${laughs}]><a>&l10;</a>`, /DOCTYPE/],
    ['a file to be read', '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>', /DOCTYPE/],
    ['a DOCTYPE without end', `<!DOCTYPE a [${'<!ENTITY l "ha">'.repeat(100_000)}`, /./],
    ['an entity that nobody declared', '<a>&l10;</a>', /Invalid character entity/],
    ['elements in elements without end', '<a>'.repeat(1_000_000), /more than 16/],
    ['a name without end', `<${'a'.repeat(1_000_000)}`, /Max buffer length/],
    ['what is not closed', '<a><b></a>', /Unexpected close tag/],
    ['what breaks off', '<a><b>', /Unclosed root tag/],
    ['nothing', '', /no element/],
    ['text', 'Not found.', /Non-whitespace before first tag/],
  ])('%s', async (_, xml, message) => {
    await expect(elementsOf(xml)).rejects.toThrow(message)
  })

  test('with words of one line, and nothing of what was read', async () => {
    const error = (await elementsOf('<a>secret&l;</a>').catch((error: unknown) => error)) as Error
    expect(error.message).not.toMatch(/\n|secret/)
  })
})

test('stops when its signal is aborted', async () => {
  const stop = new AbortController()
  const reading = eachElement(`<a>${'<b/>'.repeat(100_000)}</a>`, stop.signal, () => stop.abort(new Error('Too late.')))
  await expect(reading).rejects.toThrow('Too late.')
})
