"""Line and bar charts in the terminal."""
