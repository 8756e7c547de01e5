throw new Error(
  'A unit test imports AdminJS, a browser or a real server. Unit tests are quick and need nothing: ' +
    'add this file to those that are not, in jest.config.mjs.',
)
