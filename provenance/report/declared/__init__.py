"""What a data set declares of text by models, from a report and against one."""
