import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { pausesDuring } from '../../../turns.js'
import { eachElement } from '../../../../src/collectors/panel/plesk/elements.js'

const { signal } = new AbortController()

async function elementsOf(xml: string): Promise<[string, string][]> {
  const found: [string, string][] = []
  await eachElement([Buffer.from(xml)], signal, (path, text) => void found.push([path, text]))
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

test('the same in pieces, wherever they are cut', async () => {
  const xml = Buffer.from('<?xml version="1.0"?><a><b>é🙂&amp;&#x20AC;</b><c x="ü"/><![CDATA[]]]]></a>')
  const whole = await elementsOf(String(xml))
  const cuts = fc.uniqueArray(fc.integer({ min: 0, max: xml.length }))
  await fc.assert(
    fc.asyncProperty(cuts, async (some) => {
      const at = [0, ...some.sort((a, b) => a - b), xml.length]
      const found: [string, string][] = []
      const pieces = at.slice(1).map((end, i) => xml.subarray(at[i], end))
      await eachElement(pieces, signal, (path, text) => void found.push([path, text]))
      expect(found).toEqual(whole)
    }),
  )
})

test('a character that breaks off at the end is refused as any other after it', async () => {
  const pieces = [Buffer.from('<a></a>'), Buffer.from('é').subarray(0, 1)]
  await expect(eachElement(pieces, signal, () => {})).rejects.toThrow(/Text data outside of root node/)
})

test('the event loop can be let go between pieces', async () => {
  const pieces = ['<a>', ...Array.from({ length: 100 }, () => '<b/>'), '</a>'].map((piece) => Buffer.from(piece))
  expect(await pausesDuring(() => eachElement(pieces, signal, () => {}))).toBeGreaterThanOrEqual(100)
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
  const pieces = ['<a>', '<b/>', '<b/>', '</a>'].map((piece) => Buffer.from(piece))
  let ended = 0
  const reading = eachElement(pieces, stop.signal, () => {
    ended++
    stop.abort(new Error('Too late.'))
  })
  await expect(reading).rejects.toThrow('Too late.')
  expect(ended).toBe(1)
})
