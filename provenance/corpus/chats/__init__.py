"""Who says what: turns, trees and transcripts of every shape."""
