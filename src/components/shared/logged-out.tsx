import { Button, MessageBox } from '@adminjs/design-system'
import React from 'react'
import { loginUrl } from './http.js'
import { useTexts } from './use-texts.js'

/** Tells admins whose own session has ended so, with a link to the login. */
export const LoggedOutNote: React.FC<{ resourceId: string }> = ({ resourceId }) => {
  const { say, button } = useTexts(resourceId)
  return (
    <MessageBox mb="lg" variant="info" message={say('loggedOut')}>
      <Button as="a" href={loginUrl()} variant="contained" mt="default">
        {button('login')}
      </Button>
    </MessageBox>
  )
}
