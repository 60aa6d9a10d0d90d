"""What client and server said: transcripts, sessions, recordings, captures."""
