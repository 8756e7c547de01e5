import { Button, MessageBox } from '@adminjs/design-system'
import React, { useState } from 'react'
import { endedSentences } from '../../text/ended-cookie.js'
import { loginUrl } from './http.js'
import { useTexts } from './use-texts.js'

/** Tells admins whose own session has ended so, with a link to the login. */
export const LoggedOutNote: React.FC<{ resourceId: string }> = ({ resourceId }) => {
  const { say, button } = useTexts(resourceId)
  // Of an admin's own, whom another one has ended.
  const [ended] = useState(() => endedSentences(document.cookie))
  return (
    <MessageBox mb="lg" variant="info" message={say('loggedOut')}>
      {ended.map((sentence) => (
        <div key={sentence}>{sentence}</div>
      ))}
      <Button as="a" href={loginUrl()} variant="contained" mt="default">
        {button('login')}
      </Button>
    </MessageBox>
  )
}
